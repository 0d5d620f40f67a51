"""What does a statement of beneficial ownership look like? The Beneficial Ownership Data Standard 0.4 as a JSON schema.

A document is a list of statements; each tells of one entity, one person or one relationship, and its `recordDetails`
follow from its `recordType`. Declared here with a handful of words (text, code, many, thing, when), so that the whole
standard fits two pages; `schema()` is plain JSON Schema 2020-12. Fields that the standard does not name are allowed.

Source: Open Ownership, Beneficial Ownership Data Standard 0.4, standard.openownership.org; facts only, the declaration
and its words are ours.
"""

from __future__ import annotations

from typing import Any, Final

Part = dict[str, Any]

VERSION: Final = "0.4"

# Codes: every closed list of words --------------------------------------------------------------------------------

RECORDS: Final = ("entity", "person", "relationship")
STATUSES: Final = ("new", "updated", "closed")
MOTIVES: Final = ("commenting", "correcting", "identifying", "linking", "transformation")
SOURCES: Final = ("selfDeclaration", "officialRegister", "thirdParty", "primaryResearch", "verified")
ADDRESSES: Final = ("placeOfBirth", "residence", "registered", "service", "alternative", "business")
ENTITY_ADDRESSES: Final = ("registered", "business", "alternative")
PERSON_ADDRESSES: Final = ("residence", "service", "alternative")
SUBTYPES: Final = {
    "registeredEntity": ("other",),
    "legalEntity": ("trust", "other"),
    "arrangement": ("trust", "nomination", "other"),
    "anonymousEntity": ("other",),
    "unknownEntity": ("other",),
    "state": ("other",),
    "stateBody": ("governmentDepartment", "stateAgency", "other"),
}
"""The types of an entity, each with the subtypes that it may have."""
PERSONS: Final = ("knownPerson", "anonymousPerson", "unknownPerson")
NAMES: Final = ("legal", "translation", "transliteration", "former", "alternative", "birth")
EXPOSURES: Final = ("isPep", "isNotPep", "unknown")
SECURITIES: Final = ("isin", "figi", "cusip", "cins")
REASONS: Final = (
    "noBeneficialOwners", "subjectUnableToConfirmOrIdentifyBeneficialOwner",
    "interestedPartyHasNotProvidedInformation", "subjectExemptFromDisclosure",
    "interestedPartyExemptFromDisclosure", "unknown", "informationUnknownToPublisher",
)  # fmt: skip
DIRECTNESS: Final = ("direct", "indirect", "unknown")
INTERESTS: Final = (
    "shareholding", "votingRights", "appointmentOfBoard", "otherInfluenceOrControl", "seniorManagingOfficial",
    "settlor", "trustee", "protector", "beneficiaryOfLegalArrangement", "rightsToSurplusAssetsOnDissolution",
    "rightsToProfitOrIncome", "rightsGrantedByContract", "conditionalRightsGrantedByContract",
    "controlViaCompanyRulesOrArticles", "controlByLegalFramework", "boardMember", "boardChair", "unknownInterest",
    "unpublishedInterest", "enjoymentAndUseOfAssets", "rightToProfitOrIncomeFromAssets", "nominee", "nominator",
)  # fmt: skip


# Words of the declaration ------------------------------------------------------------------------------------------


def _text(least: int | None = None, most: int | None = None) -> Part:
    return {"type": "string", **_given(minLength=least, maxLength=most)}


def _given(**limits: object) -> Part:
    return {name: value for name, value in limits.items() if value is not None}


def _code(*words: str) -> Part:
    return {"type": "string", "enum": list(words)}


def _many(part: Part) -> Part:
    return {"type": "array", "items": part}


def _thing(needed: str = "", rules: Part | None = None, /, **fields: Part) -> Part:
    """Return an object with its fields, the names of those that it needs, and rules about several of them."""
    return {"type": "object", "required": needed.split(), "properties": fields, **(rules or {})}


def _any_of(*names: str) -> Part:
    return {"anyOf": [{"required": [name]} for name in names]}


def _when(field: str, value: object, **then: Part) -> Part:
    """Return the rule that other fields have to fulfil where a field is there and has a value."""
    given = {"required": [field], "properties": {field: {"const": value}}}
    return {"if": given, "then": {"properties": then}}


def _narrowed(part: Part, **fields: Part) -> Part:
    """Return an object some of whose fields have to fulfil more."""
    return {**part, "allOf": [{"properties": fields}]}


# The parts of a statement ------------------------------------------------------------------------------------------

TEXT = _text()
FLAG: Part = {"type": "boolean"}
LINK: Part = {"type": "string", "format": "uri"}
DAY: Part = {"type": "string", "format": "date"}
MOMENT: Part = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
LOOSE_DAY: Part = {"type": "string", "anyOf": [{"pattern": r"^\d{4}(-(0[1-9]|1[0-2]))?$"}, {"format": "date"}]}
"""A day, a month or a year."""
PERCENT: Part = {"type": "number", "minimum": 0, "maximum": 100}

COUNTRY = _thing("name", name=TEXT, code=_text(2, 2))
JURISDICTION = _thing("name", name=TEXT, code=_text(2, 6))
ADDRESS = _thing(type=_code(*ADDRESSES), address=TEXT, postCode=TEXT, country=COUNTRY)
IDENTIFIER = _thing("", _any_of("scheme", "schemeName"), id=TEXT, scheme=TEXT, schemeName=TEXT, uri=LINK)
UNSPECIFIED = _thing("reason", reason=_code(*REASONS), description=TEXT)
AGENT = _thing(name=TEXT, uri=LINK)
SOURCE = _thing(
    type=_many(_code(*SOURCES)), description=TEXT, url=LINK, retrievedAt=MOMENT, assertedBy=_many(AGENT)
)  # fmt: skip

SECURITY = _thing("ticker", idScheme=_code(*SECURITIES), id=TEXT, ticker=TEXT)
LISTING = _thing(
    "stockExchangeJurisdiction stockExchangeName security",
    marketIdentifierCode=TEXT, operatingMarketIdentifierCode=TEXT, stockExchangeJurisdiction=_text(2, 6),
    stockExchangeName=TEXT, security=SECURITY,
)  # fmt: skip
ENTITY_TYPE = _thing(
    "type",
    {"allOf": [_when("type", kind, subtype={"enum": list(subtypes)}) for kind, subtypes in SUBTYPES.items()]},
    type=_code(*SUBTYPES), subtype=_code(*dict.fromkeys(word for words in SUBTYPES.values() for word in words)),
    details=TEXT,
)  # fmt: skip
ENTITY = _thing(
    "isComponent entityType",
    isComponent=FLAG, entityType=ENTITY_TYPE, unspecifiedEntityDetails=UNSPECIFIED, name=TEXT,
    alternateNames=_many(TEXT), jurisdiction=JURISDICTION, identifiers=_many(IDENTIFIER), foundingDate=DAY,
    dissolutionDate=DAY, addresses=_many(_narrowed(ADDRESS, type={"enum": list(ENTITY_ADDRESSES)})), uri=LINK,
    publicListing=_thing(
        "hasPublicListing", {"minProperties": 1}, hasPublicListing=FLAG, companyFilingsURLs=_many(LINK),
        securitiesListings=_many(LISTING),
    ),
    formedByStatute=_thing(name=TEXT, date=DAY),
)  # fmt: skip

PERSON_NAME = _thing(
    "fullName", type=_code(*NAMES), fullName=TEXT, familyName=TEXT, givenName=TEXT, patronymicName=TEXT
)  # fmt: skip
EXPOSURE = _thing(
    reason=TEXT, missingInfoReason=TEXT, jurisdiction=JURISDICTION, startDate=DAY, endDate=DAY, source=SOURCE
)  # fmt: skip
PERSON = _thing(
    "isComponent personType",
    isComponent=FLAG, personType=_code(*PERSONS), unspecifiedPersonDetails=UNSPECIFIED, names=_many(PERSON_NAME),
    identifiers=_many(IDENTIFIER), nationalities=_many(COUNTRY),
    placeOfBirth=_narrowed(ADDRESS, type={"enum": ["placeOfBirth"]}), birthDate=LOOSE_DAY, deathDate=LOOSE_DAY,
    taxResidencies=_many(COUNTRY), addresses=_many(_narrowed(ADDRESS, type={"enum": list(PERSON_ADDRESSES)})),
    politicalExposure=_thing("status", status=_code(*EXPOSURES), details=_many(EXPOSURE)),
)  # fmt: skip

PARTY: Part = {"oneOf": [TEXT, UNSPECIFIED]}
"""Who holds or is held: the id of a record, or why there is none."""
SHARE = _thing(
    exact=PERCENT, minimum=PERCENT, maximum=PERCENT, exclusiveMinimum=PERCENT, exclusiveMaximum=PERCENT
)  # fmt: skip
INTEREST = _thing(
    type=_code(*INTERESTS), directOrIndirect=_code(*DIRECTNESS), beneficialOwnershipOrControl=FLAG, details=TEXT,
    share=SHARE, startDate=DAY, endDate=DAY,
)  # fmt: skip
RELATIONSHIP = _thing(
    "isComponent subject interestedParty",
    _when("isComponent", True, componentRecords={"const": []}),
    isComponent=FLAG, componentRecords=_many(TEXT), subject=PARTY, interestedParty=PARTY, interests=_many(INTEREST),
)  # fmt: skip

ANNOTATION = _thing(
    "motivation statementPointerTarget",
    {"allOf": [
        {"if": _when("motivation", "linking")["if"], "then": {"required": ["url"]}},
        *(_when("motivation", word, transformedContent={"const": ""}) for word in MOTIVES if word != "transformation"),
    ]},
    statementPointerTarget=TEXT, creationDate=MOMENT, createdBy=AGENT, motivation=_code(*MOTIVES), description=TEXT,
    transformedContent=TEXT, url=LINK,
)  # fmt: skip
PUBLICATION = _thing(
    "publicationDate bodsVersion publisher",
    publicationDate=MOMENT, bodsVersion={"type": "string", "pattern": r"^\d+\.\d+$"}, license=LINK,
    publisher=_thing("", _any_of("name", "url"), name=TEXT, url=LINK),
)  # fmt: skip
STATEMENT = _thing(
    "statementId statementDate declarationSubject recordId recordType recordDetails",
    {"allOf": [
        _when("recordType", "entity", recordDetails=ENTITY),
        _when("recordType", "person", recordDetails=PERSON),
        _when("recordType", "relationship", recordDetails=RELATIONSHIP),
    ]},
    statementId=_text(32, 64), statementDate=MOMENT, annotations=_many(ANNOTATION), publicationDetails=PUBLICATION,
    source=SOURCE, declaration=TEXT, declarationSubject=TEXT, recordId=TEXT, recordType=_code(*RECORDS),
    recordStatus=_code(*STATUSES), recordDetails={"type": "object"},
)  # fmt: skip


def schema() -> Part:
    """Return the schema of a document: a list of statements."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_many(STATEMENT)}
