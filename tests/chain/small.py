"""A small chain that is right in every respect: a cell maker in China, a lane, a pack plant and a market in the US.

`TEXT` holds its tables as CSV, so that a test can spoil one cell of them.
"""

from cellroad.chain.cells import typed
from cellroad.chain.chain import Chain
from cellroad.chain.sheet import sheet_of_csv

TEXT = {
    "settings": "name,value\nstart,2027-01\nmonths,12\n",
    "partners": "partner,name,country\ncellco,Cell Company,CN\nacme,Acme Energy,US\n",
    "sites": (
        "site,name,partner,kind,country,lat,lon\n"
        "hefei,Hefei,cellco,vendor,CN,31.82,117.23\n"
        "reno,Reno,acme,pack,US,39.53,-119.81\n"
        "west,West coast,,market,US,34.05,-118.24\n"
    ),
    "items": (
        "item,name,stage,kwh,mass_kg,hts,maker,chemistry,dg_class\n"
        "cell,LFP cell 280 Ah,cell,0.896,5.42,8507.60.0020,cellco,lfp,9\n"
        "pack,Home pack,pack,14.3,110,8507.60.0020,acme,lfp,9\n"
    ),
    "processes": (
        "process,site,item,resource,hours_per_unit,cost_usd,yield_share\n"
        "make-pack,reno,pack,line,0.25,180,0.98\n"
    ),
    "bom": "process,item,quantity,scrap_share\nmake-pack,cell,16,0.01\n",
    "resources": "resource,site,name,hours_per_month,ramp,status\nline,reno,Line 1,320,quick,operating\n",
    "ramps": "ramp,month,capacity_share\nquick,0,0.5\nquick,3,1\n",
    "offers": (
        "offer,site,item,price_usd,valid_from,incoterm,moq,max_per_month\n"
        "cell-offer,hefei,cell,55,2027-01,FOB,1000,40000\n"
    ),
    "lanes": (
        "lane,origin,destination,mode,transit_low_days,transit_days,transit_high_days,cost_usd,cost_per,dg_class\n"
        "sea,hefei,reno,ocean,24,30,45,0.35,kg,9\n"
        "road,reno,west,truck,1,2,3,0.2,kg,9\n"
    ),
    "wants": "want,item\nhome,pack\n",
    "demand": (
        "market,want,month,quantity,price_usd,short_usd\n"
        "west,home,2027-04,200,3500,500\n"
        "west,home,2027-05,250,3500,500\n"
        "west,home,2027-06,300,3500,500\n"
    ),
    "certificates": "item,standard,status\npack,UL 1973,valid\n",
}  # fmt: skip


def small_chain() -> Chain:
    """Return the chain of `TEXT`."""
    frames = {}
    for table, text in TEXT.items():
        sheet, findings = sheet_of_csv(table, text.encode())
        assert sheet is not None and not findings
        frames[table], findings = typed(sheet)
        assert not findings
    return Chain.of("small", **frames)
