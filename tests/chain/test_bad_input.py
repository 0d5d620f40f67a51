"""Every kind of bad input that we know, each with the message that a person gets."""

# ruff: noqa: E501 (one case, one line where it can be)

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.chain.small import TEXT

from cellroad.chain.check import check
from cellroad.chain.files import inspect
from cellroad.chain.finding import Finding


@dataclass(frozen=True)
class Case:
    """Edits of the small chain, and the finding that they must lead to."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    severity: str
    table: str
    row: int | None
    column: str
    found: str
    expected: str
    mend: str


def case(name: str, *edits: tuple[str, str, str], at: tuple[str, int | None, str], found: str, expected: str, mend: str,
         severity: str = "blocker") -> Case:  # fmt: skip
    return Case(name, edits, severity, *at, found, expected, mend)


CELLS = [
    case("header missing", ("offers", "valid_from", "begin"), at=("offers", 1, "valid_from"),
         found="no such column", expected="first day of the price", mend="Add the column"),
    case("header misspelt", ("offers", "valid_from", "valid_form"), at=("offers", 1, "valid_from"),
         found="no such column", expected="a column 'valid_from'", mend="Rename column 'valid_form' to 'valid_from'"),
    case("header twice", ("partners", "country", "name"), at=("partners", 1, "name"),
         found="'name' twice", expected="each column once", mend="Remove or rename"),
    case("column unknown", ("bom", "scrap_share", "scrap_shar"), at=("bom", 1, "scrap_shar"), severity="warning",
         found="'scrap_shar', which is not read", expected="quantity", mend="Did you mean 'scrap_share'?"),
    case("column without a name", ("wants", "want,item\nhome,pack\n", "want,item,,note\nhome,pack,x,y\n"),
         at=("wants", 1, ""), severity="warning", found="column 3 without a name", expected="a name", mend="Name the column"),
    case("empty file", ("bom", TEXT["bom"], ""), at=("bom", 1, ""),
         found="nothing", expected="a header", mend="Write the column names"),
    case("row too long", ("wants", "home,pack", "home,pack,1,2"), at=("wants", 2, ""),
         found="a row of 4", expected="2 cells", mend="double quotes"),
    case("row too short", ("bom", "make-pack,cell,16,0.01", "make-pack,cell"), at=("bom", 2, ""),
         found="a row of 2", expected="4 cells", mend="Add or remove a comma"),
    case("quote not closed", ("partners", "Cell Company", '"Cell Company'), at=("partners", 2, ""),
         found="a quoted cell that does not end", expected="closed", mend="Close the quote"),
    case("text after a quote", ("partners", "Cell Company", '"Cell" Company'), at=("partners", 2, ""),
         found="no CSV", expected="closed", mend="write a quote inside a quoted cell twice"),
    case("binary junk", ("bom", TEXT["bom"], "\x00\x01\x02PNG"), at=("bom", None, ""),
         found="bytes that are no text", expected="a CSV file", mend="CSV UTF-8"),
    case("blank row between rows", ("wants", "home,pack", "\nhome,pack"), at=("wants", 2, ""), severity="warning",
         found="a blank row", expected="without gaps", mend="Remove it"),
    case("blank in a required column", ("offers", "cell-offer,hefei,", "cell-offer,,"), at=("offers", 2, "site"),
         found="a blank", expected="an id", mend="where it is handed over"),
    case("blank number", ("lanes", "24,30,45", "24,,45"), at=("lanes", 2, "transit_days"),
         found="a blank", expected="at least 0 (days)", mend="Fill it in"),
    case("thousands", ("offers", ",40000", ',"40,000"'), at=("offers", 2, "max_per_month"),
         found="'40,000'", expected="a number", mend="no separators of thousands"),
    case("thousands with a space", ("offers", ",40000", ",40 000"), at=("offers", 2, "max_per_month"),
         found="'40 000'", expected="(units per month)", mend="no separators of thousands"),
    case("decimal comma", ("items", "cell,0.896,", 'cell,"0,8965",'), at=("items", 2, "kwh"),
         found="'0,8965'", expected="(kWh per unit)", mend="Write 0.8965 with a decimal point"),
    case("thousands under a decimal comma", ("bom", TEXT["bom"], "process;item;quantity;scrap_share\nmake-pack;cell;1.600,5;0,01\n"),
         at=("bom", 2, "quantity"), found="'1.600,5'", expected="above 0", mend="decimal comma, as in 1234,5"),
    case("unit in the cell", ("offers", "cell,55,", "cell,55 USD,"), at=("offers", 2, "price_usd"),
         found="'55 USD'", expected="(USD per unit)", mend="Write the figure alone"),
    case("dollar sign", ("offers", "cell,55,", "cell,$55,"), at=("offers", 2, "price_usd"),
         found="'$55'", expected="a number at least 0", mend="without signs or units"),
    case("nan", ("offers", "cell,55,", "cell,nan,"), at=("offers", 2, "price_usd"),
         found="'nan'", expected="a number", mend="Leave it blank"),
    case("infinite", ("lanes", "24,30,45", "24,inf,45"), at=("lanes", 2, "transit_days"),
         found="'inf'", expected="a number", mend="it has no default"),
    case("beyond floating point", ("offers", ",40000", ",1e999"), at=("offers", 2, "max_per_month"),
         found="inf", expected="a number", mend="Correct"),
    case("per cent of a price", ("offers", "cell,55,", "cell,5 %,"), at=("offers", 2, "price_usd"),
         found="'5 %'", expected="a number", mend="only shares"),
    case("share above one", ("processes", "0.98", "98"), at=("processes", 2, "yield_share"),
         found="98", expected="share 0..1", mend="Write 0.98 or 98 %"),
    case("negative price", ("offers", "cell,55,", "cell,-55,"), at=("offers", 2, "price_usd"),
         found="-55", expected="at least 0", mend="without the minus sign"),
    case("nothing of an input", ("bom", "cell,16", "cell,0"), at=("bom", 2, "quantity"),
         found="0", expected="above 0", mend="Correct"),
    case("latitude beyond the pole", ("sites", "31.82", "131.82"), at=("sites", 2, "lat"),
         found="131.82", expected="from -90 to 90 (degrees north)", mend="Correct"),
    case("half a month", ("ramps", "quick,3,1", "quick,3.5,1"), at=("ramps", 3, "month"),
         found="'3.5'", expected="a whole number", mend="without a fraction"),
    case("day before month", ("offers", "2027-01", "01/10/2027"), at=("offers", 2, "valid_from"),
         found="'01/10/2027'", expected="a date, such as 2027-10-01", mend="year-month-day"),
    case("no such day", ("offers", "2027-01", "2027-02-30"), at=("offers", 2, "valid_from"),
         found="'2027-02-30'", expected="a date", mend="no such day"),
    case("month thirteen", ("demand", "2027-05", "2027-13"), at=("demand", 3, "month"),
         found="'2027-13'", expected="a date", mend="year-month-day"),
    case("year alone", ("offers", "2027-01", "2027"), at=("offers", 2, "valid_from"),
         found="'2027'", expected="a date", mend="Write 2027-01"),
    case("a day as a spreadsheet counts it", ("offers", "2027-01", "46661"), at=("offers", 2, "valid_from"),
         found="'46661'", expected="a date", mend="Write 2027-10-01"),
    case("word misspelt", ("lanes", "ocean", "oceen"), at=("lanes", 2, "mode"),
         found="'oceen'", expected="one of ocean, rail", mend="Did you mean 'ocean'?"),
    case("word unknown", ("offers", "FOB", "XYZ"), at=("offers", 2, "incoterm"),
         found="'XYZ'", expected="EXW, FCA", mend="leave it blank for 'FOB'"),
    case("id with a space", ("wants", "home,pack", "home,home pack"), at=("wants", 2, "item"),
         found="'home pack'", expected="an id", mend="Write 'home_pack'"),
    case("country in full", ("sites", "pack,US", "pack,USA"), at=("sites", 3, "country"),
         found="'USA'", expected="two capital letters", mend="ISO 3166"),
    case("tariff code without its zero", ("items", "5.42,8507.60.0020", "5.42,8507.6"), at=("items", 2, "hts"),
         found="'8507.6'", expected="8507.60.0020", mend="format the column as text"),
    case("key twice", ("wants", "home,pack\n", "home,pack\nhome,pack\n"), at=("wants", 3, "want, item"),
         found="home | pack, as in row 2", expected="each want | item once", mend="Remove one"),
]  # fmt: skip

OFFER = "second,hefei,cell,60,2027-01,FOB,1000,40000\n"
SCENARIO = "scenario,parent,probability\nbad,,0.5\nworse,bad,1\nfine,,0.5\n"
CHANGES = "scenario,table,key,column,operation,value\n"

MEANING = [
    case("site unknown", ("offers", "hefei", "hefie"), at=("offers", 2, "site"),
         found="'hefie'", expected="an id of table sites", mend="Did you mean 'hefei'?"),
    case("resource unknown", ("processes", "pack,line,", "pack,press,"), at=("processes", 2, "resource"),
         found="'press'", expected="an id of table resources", mend="Add it to resources"),
    case("market unknown, many times", ("sites", "west,West", "coast,West"), at=("demand", 2, "market"),
         found="'west' (in 3 rows)", expected="an id of table sites", mend="Add it to sites"),
    case("segment unknown", ("demand", "", "market,want,month,quantity,price_usd,segment\nwest,home,2027-04,1,9,army\n"),
         at=("demand", 2, "segment"), found="'army'", expected="an id of table segments", mend="Add it to segments"),
    case("one of many unknown", ("resources", "operating", "option"), ("options", "",
         "option,resource,earliest,latest,requires\no1,line,2027-01,2027-03,\no2,line,2027-01,2027-03,o1; o3\n"),
         at=("options", 3, "requires"), found="'o3'", expected="an id of table options", mend="Add it to options"),
    case("country unknown", ("sites", "pack,US", "pack,UK"), at=("sites", 3, "country"), severity="warning",
         found="'UK'", expected="ISO 3166", mend="Did you mean 'GB'?"),
    case("offer without a price", ("offers", "cell,55,", "cell,,"), at=("offers", 2, "price_usd"),
         found="neither a price nor an index", expected="one of price_usd and index", mend="Fill in price_usd"),
    case("offer with price and index", ("offers", "", "offer,site,item,price_usd,index,valid_from\no,hefei,cell,55,lfp,2027-01\n"),
         ("indices", "", "index,month,value\nlfp,2026-01,50\n"), at=("offers", 2, "price_usd"),
         found="a price and index 'lfp'", expected="one of", mend="Blank one of them"),
    case("index known too late", ("offers", "", "offer,site,item,index,valid_from\no,hefei,cell,lfp,2027-01\n"),
         ("indices", "", "index,month,value\nlfp,2027-06,50\n"), at=("offers", 2, "index"),
         found="'lfp', known from 2027-06-01", expected="on or before 2027-01-01", mend="earlier month"),
    case("offer ends before it begins", ("offers", "", "offer,site,item,price_usd,valid_from,valid_to\no,hefei,cell,55,2027-06,2027-01\n"),
         at=("offers", 2, "valid_to"), found="2027-01-01, before valid_from 2027-06-01", expected="on or after", mend="Swap"),
    case("two prices at once", ("offers", "+", OFFER), at=("offers", 3, "valid_from"), severity="warning",
         found="'second' at $60 open at once with 'cell-offer' at $55", expected="one price of 'cell'", mend="valid_to"),
    case("two ideas of freight", ("offers", "+", OFFER.replace("FOB", "CIF")), at=("offers", 3, "incoterm"),
         found="FOB, CIF for 'cell' at 'hefei'", expected="not both", mend="two sites"),
    case("delivered where nothing leaves", ("offers", "hefei,cell,55,2027-01,FOB", "reno,cell,55,2027-01,CIF"), at=("offers", 2, "incoterm"),
         severity="warning", found="CIF at 'reno'", expected="hands over to the carrier", mend="use DDP"),
    case("order beyond a month", ("offers", "1000,40000", "50000,40000"), at=("offers", 2, "moq"), severity="warning",
         found="50,000 with at most 40,000", expected="within the monthly maximum", mend="No month"),
    case("offer after the horizon", ("offers", "2027-01", "2031-01"), at=("offers", 2, "valid_from"), severity="warning",
         found="open from 2031-01-01", expected="2027-01-01 to 2027-12-31", mend="settings"),
    case("demand after the horizon", ("demand", "2027-06", "2028-06"), at=("demand", 4, "month"), severity="warning",
         found="2028-06-01", expected="2027-01-01 to 2027-12-31", mend="lengthen the horizon"),
    case("demand within a month", ("demand", "2027-06", "2027-06-15"), at=("demand", 4, "month"), severity="warning",
         found="2027-06-15", expected="first day of a month", mend="2027-10"),
    case("no demand", ("demand", TEXT["demand"], "market,want,month,quantity,price_usd\n"), at=("demand", None, "quantity"),
         severity="warning", found="no demand", expected="by month", mend="nothing to plan"),
    case("want of nothing", ("wants", "home,pack", "house,pack"), at=("demand", 2, "want"),
         found="'home', which no item satisfies", expected="a row of table wants", mend="Add to wants"),
    case("want of nobody", ("wants", "+", "roof,pack\n"), at=("wants", 3, "want"), severity="warning",
         found="'roof', which no market wants", expected="has demand", mend="Add demand"),
    case("paid to take it", ("wants", TEXT["wants"], "want,item,price_adder_usd\nhome,pack,-4000\n"), at=("demand", 2, "price_usd"),
         found="$-500 for 'home' served by 'pack'", expected="at least zero", mend="price_adder_usd"),
    case("market out of reach", ("lanes", "reno,west", "hefei,west"), at=("demand", 2, "market"),
         found="want 'home' at 'west', where pack cannot get", expected="at least one item", mend="Add a lane from 'reno' to 'west'"),
    case("lane refuses dangerous goods", ("lanes", "0.2,kg,9", "0.2,kg,8"), at=("demand", 2, "market"),
         found="pack cannot get", expected="reach the market", mend="Let lane 'road' take dangerous goods of class 9"),
    case("input out of reach", ("lanes", "sea,hefei", "sea,west"), at=("bom", 2, "item"), severity="warning",
         found="'cell', which cannot get to 'reno': process 'make-pack' cannot run", expected="each input",
         mend="Add a lane from 'hefei' to 'reno'"),
    case("item from nowhere", ("items", "+", "bms,BMS,component,0,1,,acme,,\n"), at=("items", 4, "item"), severity="warning",
         found="'bms', which nobody sells or makes", expected="an offer, a process or a stock", mend="Add one"),
    case("made of itself", ("processes", "+", "back,hefei,cell,,0,1,1\n"), ("bom", "+", "back,pack,1,0\n"), at=("bom", 2, "item"),
         found="cell → pack → cell", expected="needed to make itself", mend="Take one"),
    case("energy density, slip of units", ("items", "0.896,5.42", "0.896,5420"), at=("items", 2, "mass_kg"),
         found="0.165 Wh/kg", expected="160 to 205 Wh/kg for a cell of lfp", mend="slip of units"),
    case("energy density, strange", ("items", "0.896,5.42", "0.896,3.1"), at=("items", 2, "mass_kg"), severity="warning",
         found="289 Wh/kg", expected="160 to 205", mend="Check kwh"),
    case("chemistry unknown", ("items", "cellco,lfp", "cellco,lpf"), at=("items", 2, "chemistry"), severity="warning",
         found="'lpf'", expected="lfp, lmfp", mend="Did you mean 'lfp'?"),
    case("pack without energy", ("items", "pack,14.3", "pack,0"), at=("items", 3, "kwh"), severity="warning",
         found="0 for 'pack'", expected="one pack in kWh", mend="Fill in kwh"),
    case("energy lost in the pack", ("bom", "cell,16", "cell,160"), at=("processes", 2, "item"), severity="warning",
         found="'pack' of 14.3 kWh made from inputs of 143 kWh", expected="energy of the inputs", mend="quantities in bom"),
    case("freight by mass of nothing", ("items", "0.896,5.42", "0.896,0"), at=("items", 2, "mass_kg"), severity="warning",
         found="0 for 'cell'", expected="lane 'sea' charges by kg", mend="Fill it in"),
    case("freight by energy of nothing", ("items", "0.896,5.42", "0,5.42"), ("lanes", "0.35,kg", "0.35,kwh"),
         at=("items", 2, "kwh"), severity="warning", found="0 for 'cell'", expected="lane 'sea' charges by kWh", mend="Fill it in"),
    case("price per kWh too low", ("offers", "cell,55,", "cell,0.055,"), at=("offers", 2, "price_usd"), severity="warning",
         found="$0.0614/kWh", expected="$5 to $5,000/kWh", mend="price of one unit"),
    case("ship faster than a ship", ("lanes", "24,30,45", "4,30,45"), at=("lanes", 2, "transit_days"),
         found="4 days by ocean over at least 10", expected="no ocean goes faster than 45 km/h", mend="latitude and longitude"),
    case("days out of order", ("lanes", "24,30,45", "31,30,45"), at=("lanes", 2, "transit_days"),
         found="low 31.0, likely 30, high 45.0", expected="rising order", mend="leave low and high blank"),
    case("lane to where it begins", ("lanes", "road,reno,west", "road,reno,reno"), at=("lanes", 3, "destination"),
         found="'reno', where the lane begins", expected="another site", mend="Correct"),
    case("dangerous goods of no class", ("lanes", "0.2,kg,9", "0.2,kg,9;7"), at=("lanes", 3, "dg_class"),
         found="'7'", expected="9, 8, 5.1", mend="separate several"),
    case("half a position", ("sites", "34.05,-118.24", "34.05,"), at=("sites", 4, "lat"), severity="warning",
         found="only one of lat 34.05", expected="both or neither", mend="Fill in both"),
    case("position zero", ("sites", "34.05,-118.24", "0,0"), at=("sites", 4, "lat"), severity="warning",
         found="latitude 0", expected="'West coast'", mend="or neither"),
    case("from two countries", ("offers", "+", OFFER.replace("hefei", "west")), at=("items", 2, "origin"), severity="warning",
         found="'cell' comes from CN, US", expected="one country of origin", mend="fill in origin"),
    case("ramp without its first month", ("ramps", "quick,0", "quick,1"), at=("ramps", 2, "month"),
         found="1 as the first month of 'quick'", expected="month 0", mend="first month"),
    case("ramp that falls", ("ramps", "quick,3,1", "quick,3,0.4"), at=("ramps", 3, "capacity_share"), severity="warning",
         found="0.4 in month 3 after 0.5", expected="does not fall", mend="order of months"),
    case("line elsewhere", ("resources", "line,reno", "line,west"), at=("processes", 2, "resource"),
         found="'line', which stands at 'west'", expected="a resource at 'reno'", mend="Correct the site"),
    case("line never loaded", ("processes", "line,0.25", "line,0"), at=("processes", 2, "hours_per_unit"), severity="warning",
         found="0 hours on 'line'", expected="hours", mend="never full"),
    case("line that nothing brings", ("resources", "operating", "option"), at=("resources", 2, "status"), severity="warning",
         found="no option brings it", expected="an option that brings it", mend="Add it to options"),
    case("option on a standing line", ("options", "", "option,resource,earliest,latest\nmore,line,2027-01,2027-03\n"),
         at=("options", 2, "resource"), severity="warning", found="which operates already", expected="status option", mend="another line"),
    case("option on a closed line", ("resources", "operating", "closed"),
         ("options", "", "option,resource,earliest,latest\nmore,line,2027-01,2027-03\n"), at=("options", 2, "resource"),
         severity="warning", found="closed: 'more' brings nothing", expected="status option", mend="Set its status"),
    case("option window reversed", ("resources", "operating", "option"),
         ("options", "", "option,resource,earliest,latest\nmore,line,2027-05,2027-03\n"), at=("options", 2, "latest"),
         found="2027-03-01, before earliest 2027-05-01", expected="on or after earliest", mend="Swap"),
    case("option after the horizon", ("resources", "operating", "option"),
         ("options", "", "option,resource,earliest,latest\nmore,line,2030-05,2031-03\n"), at=("options", 2, "earliest"),
         severity="warning", found="open from 2030-05-01", expected="within the horizon", mend="Correct the window"),
    case("option ready too late", ("resources", "operating", "option"),
         ("options", "", "option,resource,earliest,latest,build_months\nmore,line,2027-05,2027-06,18\n"),
         at=("options", 2, "build_months"), severity="warning", found="in operation from 2028-11-01", expected="2027-12-31",
         mend="Lengthen"),
    case("spending beyond the whole", ("resources", "operating", "option"),
         ("options", "", "option,resource,earliest,latest,spend_profile\nmore,line,2027-05,2027-06,0.5;0.6\n"),
         at=("options", 2, "spend_profile"), found="'0.5;0.6', which sums to 1.1", expected="sum to 1", mend="0.3;0.4;0.3"),
    case("spending in words", ("resources", "operating", "option"),
         ("options", "", "option,resource,earliest,latest,spend_profile\nmore,line,2027-05,2027-06,half;half\n"),
         at=("options", 2, "spend_profile"), found="'half;half'", expected="separated by ';'", mend="leave it blank"),
    case("options wait for each other", ("resources", "operating", "option"), ("options", "",
         "option,resource,earliest,latest,requires\na,line,2027-01,2027-03,b\nb,line,2027-01,2027-03,a\n"),
         at=("options", 2, "requires"), found="a → b → a", expected="no loop", mend="Take one"),
    case("milestones in a loop", ("milestones", "", "milestone,after\nm1,m3\nm2,m1\nm3,m2\n"), at=("milestones", 2, "after"),
         found="m1 → m2 → m3 → m1", expected="no loop", mend="Take one"),
    case("zone by its city alone", ("people", "", "person,zone\nli,Shanghai\n"), at=("people", 2, "zone"),
         found="'Shanghai'", expected="IANA time zone", mend="Did you mean 'Asia/Shanghai'?"),
    case("hours out of order", ("people", "", "person,zone,begins,ends\nli,Asia/Shanghai,18:00,09:00\n"),
         at=("people", 2, "begins"), found="06:00, 18:00, 09:00, 23:00", expected="in this order", mend="out of order"),
    case("hours in words", ("people", "", "person,zone,begins\nli,Asia/Shanghai,nine\n"), at=("people", 2, "begins"),
         found="'nine'", expected="", mend=""),
    case("absence reversed", ("absences", "", "absence,first_day,last_day\nfair,2027-03-12,2027-03-08\n"),
         at=("absences", 2, "last_day"), found="2027-03-08, before first_day 2027-03-12", expected="on or after", mend="Correct"),
    case("milestone at worst sooner", ("milestones", "", "milestone,days,high_days\nm1,10,5\n"), at=("milestones", 2, "days"),
         found="likely 10.0, high 5.0", expected="low_days <= days <= high_days", mend="leave it blank"),
    case("scenario of its own child", ("scenarios", "", "scenario,parent\na,b\nb,a\n"), at=("scenarios", 2, "parent"),
         found="a → b → a", expected="no loop", mend="Take one"),
    case("calendar unknown", ("sites", "", "site,name,kind,country,calendar\nx,X,port,CN,china\n"), at=("sites", 2, "calendar"),
         found="'china'", expected="CN, or none", mend="two capital letters"),
    case("certificate of what is not sold", ("certificates", "pack,UL", "cell,UL"), at=("certificates", 2, "item"),
         severity="warning", found="'cell', which no want", expected="that is sold", mend="Certify the item that is sold"),
    case("certificate lapsed", ("certificates", "", "item,standard,status,valid_to\npack,UL 1973,valid,2026-06-30\n"),
         at=("certificates", 2, "valid_to"), severity="warning", found="valid to 2026-06-30", expected="after 2027-01-01", mend="planned"),
    case("more than the whole is owned", ("stakes", "",
         "owner,owned,interest,share_min,share_max,valid_from\nacme,cellco,equity,0.6,0.6,2024-01\ncellco,cellco,equity,0.5,0.5,2025-01\n"),
         at=("stakes", 3, "share_min"), found="1.1 of the equity of 'cellco' on 2025-01-01", expected="at most 1", mend="valid_to"),
    case("stake told twice", ("stakes", "",
         "owner,owned,interest,share_min,valid_from\nacme,cellco,votes,0.1,2024-01\nacme,cellco,votes,0.2,2025-01\n"),
         at=("stakes", 3, "valid_from"), found="as in row 2", expected="one row at a time", mend="End the earlier"),
    case("stake bounds out of order", ("stakes", "",
         "owner,owned,interest,share_min,share_max,valid_from\nacme,cellco,equity,0.6,0.3,2024-01\n"),
         at=("stakes", 2, "share_min"), found="0.6, above share_max 0.3", expected="at most share_max", mend="Swap"),
    case("probabilities of siblings", ("scenarios", "", SCENARIO.replace("fine,,0.5", "fine,,0.7")), at=("scenarios", 2, "probability"),
         severity="warning", found="a sum of 1.2 under the base chain", expected="sum to 1", mend="nothing changes"),
    case("setting unknown", ("settings", "+", "discont,0.1\n"), at=("settings", 4, "name"), severity="warning",
         found="'discont'", expected="discount_per_year", mend="correct the name"),
    case("setting in words", ("settings", "months,12", "months,twelve"), at=("settings", 3, "value"),
         found="'twelve'", expected="months", mend="Correct"),
    case("start in another age", ("settings", "2027-01", "9999-12"), at=("settings", 2, "value"),
         found="'9999-12' as the start", expected="1990 to 2100", mend="Correct the year"),
    case("setting out of range", ("settings", "months,12", "months,0"), at=("settings", 3, "value"),
         found="'0'", expected="months from 1 to 600", mend="Correct"),
    case("value of a stranger", ("settings", "+", "value_of,acmee\n"), at=("settings", 4, "value"),
         found="value_of 'acmee'", expected="a partner", mend="Did you mean 'acme'"),
    case("value without weight", ("settings", "+", "value_of,a:-1\n"), at=("settings", 4, "value"),
         found="'a:-1'", expected="weights above zero", mend="Correct the value"),
    case("transfer price of a stranger", ("transfers", "", "transfer,seller,buyer,price_usd\nt,bcme,reno,1\n"),
         at=("transfers", 2, "seller"), found="'bcme'", expected="a partner or a site", mend="Did you mean 'acme'"),
    case("change of no table", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,ofers,cell-offer,price_usd,set,1\n"),
         at=("changes", 2, "table"), found="'ofers'", expected="offers", mend="Did you mean 'offers'?"),
    case("change of no row", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,offers,cell-ofer,price_usd,set,1\n"),
         at=("changes", 2, "key"), found="'cell-ofer'", expected="a row of offers, offer", mend="Did you mean 'cell-offer'?"),
    case("change of half a key", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,bom,cell,quantity,set,1\n"),
         at=("changes", 2, "key"), found="'cell'", expected="2 parts of the key, process|item", mend="'*' for any"),
    case("change of no column", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,offers,*,prise_usd,set,1\n"),
         at=("changes", 2, "column"), found="'prise_usd'", expected="price_usd", mend="Did you mean 'price_usd'?"),
    case("change of a key", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,offers,*,offer,set,x\n"),
         at=("changes", 2, "column"), found="'offer'", expected="price_usd", mend="a key cannot change"),
    case("change to what is no number", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,offers,*,price_usd,set,cheap\n"),
         at=("changes", 2, "value"), found="'cheap'", expected="(USD per unit)", mend="can hold"),
    case("change of a date by a factor", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,offers,*,valid_from,multiply,2\n"),
         at=("changes", 2, "operation"), found="'multiply'", expected="set", mend="holds no number"),
    case("change by what is no factor", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,offers,*,price_usd,multiply,+25%\n"),
         at=("changes", 2, "value"), found="'+25%'", expected="a factor, such as 1.25", mend="plain number"),
    case("change beyond limits", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bad,processes,*,yield_share,multiply,2\n"),
         at=("changes", 2, "value"), found="1.96 in column 'yield_share' of processes once changed", expected="share 0..1",
         mend="Correct the change"),
    case("change of an unknown scenario", ("scenarios", "", SCENARIO), ("changes", "", CHANGES + "bat,offers,*,price_usd,set,1\n"),
         at=("changes", 2, "scenario"), found="'bat'", expected="an id of table scenarios", mend="Did you mean 'bad'?"),
]  # fmt: skip


def edited(edits: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    """Return the small chain's texts, with `old` replaced by `new`; "+" adds lines, "" replaces the whole table."""
    texts = dict(TEXT)
    for table, old, new in edits:
        if old == "+":
            texts[table] += new
        elif old == "":
            texts[table] = new
        else:
            assert old in texts[table], f"{old!r} is not in {table}"
            texts[table] = texts[table].replace(old, new)
    return texts


def written(folder: Path, texts: dict[str, str]) -> Path:
    for table, text in texts.items():
        (folder / f"{table}.csv").write_bytes(text.encode())
    return folder


def told(folder: Path) -> list[Finding]:
    """Return what a person is told about a folder: by its files, and by the check where they can be read."""
    chain, findings = inspect(folder)
    return findings + (check(chain) if chain else [])


def assert_told(wanted: Case, findings: list[Finding]) -> None:
    at_place = [f for f in findings if (f.table, f.row, f.column) == (wanted.table, wanted.row, wanted.column)]
    match = [
        f
        for f in at_place
        if f.severity == wanted.severity
        and wanted.found in f.found
        and wanted.expected in f.expected
        and wanted.mend in f.mend
    ]
    assert match, "\n".join(map(str, at_place or findings)) or "nothing was told"


def test_the_small_chain_is_right_in_every_respect(tmp_path: Path) -> None:
    assert told(written(tmp_path, TEXT)) == []


@pytest.mark.parametrize("bad", [pytest.param(c, id=c.name) for c in CELLS])
def test_bad_cells_are_told_where_they_stand(bad: Case, tmp_path: Path) -> None:
    findings = told(written(tmp_path, edited(bad.edits)))
    assert_told(bad, findings)
    chain, _ = inspect(tmp_path)
    assert (chain is None) == (bad.severity == "blocker")


@pytest.mark.parametrize("bad", [pytest.param(c, id=c.name) for c in MEANING])
def test_bad_meaning_is_told_where_it_stands(bad: Case, tmp_path: Path) -> None:
    findings = told(written(tmp_path, edited(bad.edits)))
    assert_told(bad, findings)


def test_there_are_sixty_kinds_of_bad_input() -> None:
    assert len({c.name for c in CELLS + MEANING}) == len(CELLS + MEANING) >= 60


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    edits = (
        ("offers", "cell,55,", "cell,-55,"),
        ("offers", "FOB", "FAB"),
        ("sites", "pack,US", "pack,usa"),
        ("bom", "cell,16", "cel,16"),
    )
    findings = told(written(tmp_path, edited(edits)))
    assert {(f.table, f.row, f.column) for f in findings if f.severity == "blocker"} == {
        ("offers", 2, "price_usd"), ("offers", 2, "incoterm"), ("sites", 3, "country"), ("bom", 2, "item"),
    }  # fmt: skip


def test_many_alike_are_folded_into_one(tmp_path: Path) -> None:
    rows = "".join(f"want{n},pack,{'x' * (n + 1)}\n" for n in range(500))
    findings = told(written(tmp_path, edited((("wants", "", "want,item,quantity\n" + rows),))))
    cells = [f for f in findings if f.table == "wants" and f.column == "quantity"]
    assert len(cells) == 11
    assert [f.row for f in cells[:10]] == list(range(2, 12))
    assert cells[10].found == "490 more such cells from here on"
