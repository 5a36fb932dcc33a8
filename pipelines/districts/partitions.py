"""One partition per district; days are folders and a watermark, never partitions."""

from dagster import DynamicPartitionsDefinition

DISTRICTS = DynamicPartitionsDefinition(name="district")

DISTRICT_TAG = "homeroom/district"
"""On every run, so that the queue can keep two runs of one district apart."""
