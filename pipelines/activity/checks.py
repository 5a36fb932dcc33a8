"""Checks of class activity."""

from pipelines.activity.assets import class_activity
from pipelines.suites import mart_checks
from warehouse.completion import CLASS_ACTIVITY

checks = mart_checks(class_activity, CLASS_ACTIVITY)
