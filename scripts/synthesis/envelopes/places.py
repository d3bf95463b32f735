"""People, streets and towns to address mail to, by country: one set for each world, with nothing in common."""

from dataclasses import dataclass

COUNTRIES = ("fr", "de", "us", "it", "es", "ch", "at", "be")


@dataclass(frozen=True)
class Places:
    """What the addresses of one country are made of. towns: with the state or province after a slash, where used."""

    people: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    firms: tuple[str, ...]


def _places(people: str, streets: str, towns: str, firms: str) -> Places:
    return Places(*(tuple(part.strip() for part in each.split(",")) for each in (people, streets, towns, firms)))


_FIT_FRENCH = "Jean Martin, Marie Dubois, Luc Bernard, M. et Mme Petit, Claire Moreau, Paul Laurent, Mlle Anne Roux"
_FIT_GERMAN = "Max Keller, Anna Schmidt, Frau Erika Wolf, Familie Bauer, Karl Neumann, Herrn Jan Richter, Petra Vogel"
FIT: dict[str, Places] = {
    "fr": _places(
        _FIT_FRENCH,
        "rue de la Gare, avenue Victor Hugo, place du Marché, chemin des Vignes, rue Pasteur, impasse du Moulin",
        "PARIS, Lyon, Marseille, Toulouse, NANTES, St Étienne, Le Mans, Clermont-Ferrand, Dijon, Brest",
        "Mairie, Crédit Régional, Garage Central, Société Lumière",
    ),
    "de": _places(
        _FIT_GERMAN,
        "Bahnhofstraße, Hauptstr., Gartenweg, Am Markt, Schillerstraße, Lindenallee, Kirchplatz",
        "Berlin, Hamburg, München, Köln, Stuttgart, Dresden, Bad Homburg, Frankfurt am Main, Kiel, Ulm",
        "Stadtwerke GmbH, Autohaus Frank, Finanzamt, Verlag Nord KG",
    ),
    "us": _places(
        "John Miller, Mary Johnson, Robert Allen, Mrs. Linda Hall, David Turner, Karen White, The Parkers",
        "Main Street, Oak Ave, Maple Drive, N 3rd St, Sunset Blvd, Park Road, Washington Street",
        "Springfield/IL, Denver/CO, Austin/TX, New York/NY, Portland/OR, Boston/MA, Salt Lake City/UT, Tampa/FL",
        "Acme Supply Inc, First National Bank, City Hall, Riverside Press",
    ),
    "it": _places(
        "Mario Rossi, Anna Bianchi, Luca Ferrari, Sig.ra Paola Conti, Marco Greco, Famiglia Costa",
        "Via Roma, Via Garibaldi, Corso Italia, Piazza Dante, Viale Europa, Via Mazzini",
        "Roma/RM, Milano/MI, Torino/TO, Napoli/NA, Bologna/BO, Firenze/FI, Verona/VR",
        "Banca Popolare, Studio Conti, Comune",
    ),
    "es": _places(
        "Juan Pérez, María García, José Martín, Dña. Carmen Ruiz, Pedro Sánchez, Familia Torres",
        "Calle Mayor, C/ Real, Avda. de la Paz, Plaza España, Calle del Sol, Paseo Marítimo",
        "Madrid, Barcelona, Valencia, Sevilla, Zaragoza, Málaga, Vitoria",
        "Ayuntamiento, Banco Norte, Talleres Ruiz SL",
    ),
    "ch": _places(
        _FIT_GERMAN,
        "Bahnhofstrasse, Seestrasse, Dorfstrasse, Rue du Lac, Via Stazione, Kirchweg",
        "Zürich, Bern, Basel, Lausanne, Genève, Lugano, Luzern, Chur",
        "Kantonalbank, Gemeinde, Meier AG",
    ),
    "at": _places(
        _FIT_GERMAN,
        "Hauptstraße, Wiener Straße, Mariahilfer Gasse, Am Graben, Feldgasse, Schulstr.",
        "Wien, Graz, Linz, Salzburg, Innsbruck, Villach, St. Pölten",
        "Stadtamt, Bauhof GmbH, Verein Alpenland",
    ),
    "be": _places(
        _FIT_FRENCH,
        "Rue Neuve, Avenue Louise, Kerkstraat, Chaussée de Mons, Stationsstraat, Place Royale",
        "Bruxelles, Antwerpen, Liège, Gent, Namur, Brugge, Mons",
        "Commune, Banque Belge, Drukkerij Peeters",
    ),
}
_TEST_FRENCH = "Hugo Lefèvre, Mme Nathalie Faure, Émile Girard, Sophie Mercier, Antoine Blanc, Dr Henri Colin"
_TEST_GERMAN = "Lukas Hofmann, Sabine Krüger, Dr. Uwe Lange, Eheleute Brandt, Heike Sommer, Herrn Otto Winter"
TEST: dict[str, Places] = {
    "fr": _places(
        _TEST_FRENCH,
        "boulevard Jean Jaurès, allée des Tilleuls, rue du Pont Neuf, quai Voltaire, route de Caen, cours Mirabeau",
        "BORDEAUX, Lille, Rennes, Grenoble, ANGERS, La Rochelle, Aix en Provence, Metz, Pau, Tours",
        "Lycée Monge, Assurances du Sud, Librairie Pons, SARL Durand",
    ),
    "de": _places(
        _TEST_GERMAN,
        "Goethestraße, Mühlenweg, Rosenstr., Im Winkel, Parkallee, Dorfplatz, Berliner Ring",
        "Leipzig, Bremen, Nürnberg, Hannover, Mainz, Rostock, Freiburg im Breisgau, Bad Tölz, Essen, Jena",
        "Amtsgericht, Möbel Horn GmbH, Sparkasse, Institut West e.V.",
    ),
    "us": _places(
        "James Carter, Susan Lewis, Ms. Emily Young, Thomas Reed, Nancy King, The Morrison Family",
        "Elm Street, Cedar Lane, Highland Ave, W 42nd St, River Rd, Lincoln Way, Church Street",
        "Madison/WI, Seattle/WA, Atlanta/GA, San Antonio/TX, Columbus/OH, Phoenix/AZ, Fort Wayne/IN, Reno/NV",
        "Northwind Traders, County Clerk, Harbor Insurance Co, Summit Dental",
    ),
    "it": _places(
        "Giulia Romano, Paolo Ricci, Elena Marino, Dott. Franco Villa, Sara Gallo, Ditta Moretti",
        "Via Verdi, Via Cavour, Largo Augusto, Via dei Mille, Strada Nuova, Via San Marco",
        "Genova/GE, Palermo/PA, Padova/PD, Bari/BA, Trieste/TS, Parma/PR, Lecce/LE",
        "Poste Centrali, Officina Villa, Scuola Media",
    ),
    "es": _places(
        "Lucía Romero, Andrés Gil, Elena Navarro, D. Manuel Ortega, Rosa Vidal, Hnos. Castro",
        "Calle Nueva, C/ Colón, Avda. del Puerto, Ronda Norte, Calle San Juan, Camino Viejo",
        "Bilbao, Granada, Alicante, Murcia, Oviedo, Salamanca, Cádiz",
        "Correos, Seguros Levante, Imprenta Gil",
    ),
    "ch": _places(
        _TEST_GERMAN,
        "Hauptgasse, Bergstrasse, Im Feld, Avenue de Champel, Chemin du Bois, Poststrasse",
        "Winterthur, St. Gallen, Fribourg, Neuchâtel, Thun, Sion, Aarau",
        "Spital, Treuhand Frei AG, Schulhaus",
    ),
    "at": _places(
        _TEST_GERMAN,
        "Ringstraße, Grazer Straße, Kärntner Platz, Lindengasse, Bachweg, Kirchengasse",
        "Klagenfurt, Wels, Dornbirn, Steyr, Bregenz, Krems, Leoben",
        "Bezirksgericht, Holzbau Auer, Volksschule",
    ),
    "be": _places(
        _TEST_FRENCH,
        "Rue Haute, Chaussée de Gand, Molenstraat, Avenue des Arts, Dorpsstraat, Quai de Meuse",
        "Charleroi, Leuven, Mechelen, Verviers, Kortrijk, Tournai, Hasselt",
        "Mutualité, Apotheek Janssens, Athénée",
    ),
}
