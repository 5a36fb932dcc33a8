// The page: two panes, each one person of the demo. Everything a person typed is set as text, never as markup.

import { Pane } from "./pane.js";

const config = await (await fetch("config.json")).json();
const panes = document.querySelector("#panes");
for (const role of ["teacher", "student"]) {
  const people = config.people.filter((person) => person.role === role);
  const pane = new Pane(document.querySelector("#pane").content.cloneNode(true).firstElementChild, config, people);
  pane.element.dataset.role = role;
  panes.append(pane.element);
  pane.start();
}
