"""True statements and common misconceptions, per science concept: the raw material of its questions.

Four of them make one question ("which is true?", "which is not true?"), so a few sentences give many questions.
"""

STATEMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "States of matter": (
        (
            "A gas spreads out to fill its whole container.",
            "Ice melts when it takes in enough heat.",
            "A liquid takes the shape of its container but keeps its volume.",
            "Water vapour turns back into liquid when it cools.",
            "The particles of a solid vibrate in fixed places.",
        ),
        (
            "A gas has no mass because it cannot be seen.",
            "Melting ice makes the water heavier.",
            "The particles of a solid do not move at all.",
            "Water disappears for ever when it evaporates.",
            "A liquid always keeps the shape it was poured from.",
        ),
    ),
    "The water cycle": (
        (
            "The Sun's heat makes water evaporate from the sea.",
            "Clouds are made of tiny drops of water or bits of ice.",
            "Plants give off water vapour through their leaves.",
            "Some rain soaks into the ground and becomes groundwater.",
            "Condensation happens when moist air cools.",
        ),
        (
            "Clouds are made of smoke and cotton-like dust.",
            "Rain falls when a cloud is pushed over by the wind.",
            "Water evaporates only when it boils.",
            "Salt rises into the clouds together with the sea water.",
            "New water is created each time it rains.",
        ),
    ),
    "Food chains": (
        (
            "Almost every food chain starts with a plant or alga.",
            "Arrows in a food chain point the way the energy moves.",
            "A herbivore is a primary consumer.",
            "Decomposers return nutrients to the soil.",
            "If the prey vanish, their predators soon have less to eat.",
        ),
        (
            "The strongest animal always stands at the start of a food chain.",
            "Arrows in a food chain point from the eater to the eaten.",
            "Plants get their energy from the soil alone.",
            "Decomposers are only found in oceans.",
            "Removing one animal never changes the others.",
        ),
    ),
    "Forces and motion": (
        (
            "A push or a pull can change an object's direction.",
            "Friction slows a sliding box down.",
            "Equal forces in opposite directions balance each other.",
            "A heavier cart needs a stronger push to speed up as quickly.",
            "Gravity pulls a thrown ball back towards the ground.",
        ),
        (
            "A moving ball needs a steady push just to keep moving in empty space.",
            "Friction only exists on rough sandpaper.",
            "An object at rest has no forces acting on it.",
            "Gravity stops working when something is in the air.",
            "A lighter cart always needs a stronger push.",
        ),
    ),
    "Electric circuits": (
        (
            "A lamp lights only when the circuit is a closed loop.",
            "A switch works by opening or closing a gap.",
            "Copper is used in wires because it conducts well.",
            "In a series circuit, one broken lamp makes all go out.",
            "A battery gives the push that drives the current.",
        ),
        (
            "One wire from the battery is enough to light a lamp.",
            "The current is used up by the first lamp.",
            "Plastic makes better wires than copper.",
            "A switch makes electricity when it is pressed.",
            "A longer thin wire always makes the lamp brighter.",
        ),
    ),
    "Earth, Sun and Moon": (
        (
            "Day and night come from the Earth turning on its axis.",
            "The seasons come from the tilt of the Earth's axis.",
            "The Moon shines by reflecting sunlight.",
            "The Earth goes once around the Sun in about a year.",
            "We see phases because the sunlit half of the Moon faces us at changing angles.",
        ),
        (
            "It is summer because the Earth is closest to the Sun.",
            "The Earth's shadow causes the phases of the Moon.",
            "The Moon makes its own light at night.",
            "Night falls because the Sun circles the Earth.",
            "The Earth needs one day to go around the Sun.",
        ),
    ),
    "Cells": (
        (
            "Every living thing is made of one or more cells.",
            "The nucleus holds the cell's genetic material.",
            "Mitochondria release energy from food.",
            "Plant cells have a cell wall, animal cells do not.",
            "The cell membrane controls what goes in and out.",
        ),
        (
            "Only animals are made of cells.",
            "The cell wall decides what animal cells let in.",
            "Chloroplasts are found in muscle cells.",
            "The nucleus digests the cell's food.",
            "Bigger animals have bigger cells rather than more of them.",
        ),
    ),
    "Photosynthesis": (
        (
            "Photosynthesis takes in carbon dioxide and gives off oxygen.",
            "Chlorophyll captures the energy of light.",
            "The sugar made in photosynthesis stores energy.",
            "Most of a tree's mass comes from carbon dioxide and water.",
            "Plants also respire, by day and by night.",
        ),
        (
            "Plants take their food ready-made from the soil.",
            "Photosynthesis takes in oxygen and gives off carbon dioxide.",
            "Plants respire only at night.",
            "Chlorophyll is the sugar a leaf makes.",
            "Photosynthesis goes on best in the dark.",
        ),
    ),
    "Energy flow in ecosystems": (
        (
            "Only about a tenth of the energy passes to the next feeding level.",
            "Producers bring the Sun's energy into an ecosystem.",
            "Much energy leaves each level as heat.",
            "Nutrients are recycled, while energy has to be supplied again.",
            "There is less energy available to top predators than to plants.",
        ),
        (
            "Energy is recycled round and round in an ecosystem.",
            "Top predators hold most of an ecosystem's energy.",
            "Each feeding level passes on all the energy it took in.",
            "Decomposers create energy from nothing.",
            "Consumers bring new energy into the ecosystem from the soil.",
        ),
    ),
    "Atoms and elements": (
        (
            "An element contains only one kind of atom.",
            "The number of protons decides which element an atom is.",
            "Electrons carry a negative charge.",
            "Most of an atom's mass sits in its nucleus.",
            "A compound has different properties from its elements.",
        ),
        (
            "All atoms of every element have the same mass.",
            "Neutrons carry a negative charge.",
            "Atoms of gold are themselves yellow and shiny.",
            "The electrons make up most of an atom's mass.",
            "Water is an element because it is pure.",
        ),
    ),
    "Plate tectonics": (
        (
            "Mountains can form where two continental plates collide.",
            "New ocean floor forms where plates move apart.",
            "Most earthquakes happen along plate boundaries.",
            "Plates move a few centimetres in a year.",
            "Matching fossils on far continents support the idea of moving plates.",
        ),
        (
            "Continents float freely on the ocean water.",
            "Plates move several kilometres in a year.",
            "Earthquakes are caused by hot weather.",
            "The continents have always been where they are now.",
            "Volcanoes occur only on the equator.",
        ),
    ),
    "Newton's laws": (
        (
            "With no net force, a moving object keeps its velocity.",
            "Doubling the net force doubles the acceleration of the same mass.",
            "For every action there is an equal and opposite reaction on another object.",
            "The same force accelerates a larger mass less.",
            "A passenger lurches forward in braking because of inertia.",
        ),
        (
            "A constant force is needed to keep a constant velocity.",
            "Action and reaction cancel because they act on the same object.",
            "A truck pushes a car harder than the car pushes the truck.",
            "Heavier objects always fall with a greater acceleration in a vacuum.",
            "An object stops as soon as its push runs out, even without friction.",
        ),
    ),
    "Cell division": (
        (
            "Mitosis makes two cells with the same chromosomes as the parent cell.",
            "Meiosis makes sex cells with half the number of chromosomes.",
            "DNA is copied before a cell divides.",
            "Growth and repair of tissue rely on mitosis.",
            "Crossing over in meiosis increases variety.",
        ),
        (
            "Mitosis halves the number of chromosomes.",
            "Skin heals through meiosis.",
            "DNA is copied after the cell has divided.",
            "Meiosis makes two identical body cells.",
            "Each new cell after mitosis keeps only the chromosomes it needs.",
        ),
    ),
    "Inheritance": (
        (
            "A child receives one copy of each gene from each parent.",
            "A recessive trait shows only when both copies are recessive.",
            "Two brown-eyed parents can have a blue-eyed child.",
            "Different versions of a gene are called alleles.",
            "Two carriers of a recessive allele have a one in four chance of an affected child.",
        ),
        (
            "Dominant traits are always the most common ones.",
            "Boys inherit all their genes from the father.",
            "Muscles built by training are passed on in the genes.",
            "A recessive allele disappears after one generation.",
            "If the first child shows a one-in-four trait, the next three cannot.",
        ),
    ),
    "Natural selection": (
        (
            "Individuals of a population differ in traits they can inherit.",
            "Those better suited to their surroundings tend to leave more offspring.",
            "Populations evolve, while single individuals do not.",
            "Antibiotic resistance spreads because resistant bacteria survive.",
            "Mutations supply new variation.",
        ),
        (
            "An animal evolves during its life because it needs to.",
            "Fitness means being the strongest fighter.",
            "Giraffes have long necks because their ancestors stretched.",
            "Natural selection gives every species what it wants.",
            "Antibiotics teach bacteria to become resistant.",
        ),
    ),
    "Chemical bonding": (
        (
            "In a covalent bond, two atoms share electrons.",
            "An ionic bond holds ions of opposite charge together.",
            "Sodium loses one electron when it forms an ion.",
            "Dissolved salt conducts electricity because its ions can move.",
            "Noble gases react little because their outer shells are full.",
        ),
        (
            "In an ionic bond, atoms share their electrons equally.",
            "Breaking a bond always gives off energy.",
            "Sodium gains seven electrons to fill its shell.",
            "Solid salt conducts because its ions flow freely.",
            "Atoms bond by joining their nuclei together.",
        ),
    ),
    "Chemical reactions": (
        (
            "The total mass stays the same in a closed reaction vessel.",
            "Atoms are rearranged in a reaction, never lost.",
            "A catalyst speeds a reaction up without being used up.",
            "Warming the reactants usually makes a reaction faster.",
            "Rusting is a chemical change.",
        ),
        (
            "Burning a log destroys its atoms.",
            "A catalyst is the first reactant to be used up.",
            "Dissolving sugar makes a new element.",
            "The coefficients of an equation may be chosen freely.",
            "Cooling the reactants always makes a reaction faster.",
        ),
    ),
    "Conservation of energy": (
        (
            "A falling ball changes potential energy into kinetic energy.",
            "Friction turns kinetic energy into heat.",
            "The total energy of a closed system stays the same.",
            "At twice the speed, a car has four times the kinetic energy.",
            "A raised weight has more potential energy than one on the floor.",
        ),
        (
            "A braking car's energy simply vanishes.",
            "At twice the speed, a car has twice the kinetic energy.",
            "A resting object can have no energy of any kind.",
            "A machine can give out more energy than it takes in.",
            "A pendulum has its greatest kinetic energy at its highest point.",
        ),
    ),
}
