"""What do the words of an organisation's name say: who it is, what it does, where it is, which one of a series?

Six kinds of word are known here, everything else is taken as distinctive (who it is):

    link      the, and, of, für, de           says nothing
    frame     group, holding, international   says almost nothing: half of all companies bear one
    trade     energy, bank, technology        says what it does: many do the same
    arm       trust, insurance, securities    the same, and companies of one group are told apart by it
    place     countries and cities            two that differ mean two organisations
    number    4, IV, fourth, forty-four       two that differ mean two of a series

Spellings and abbreviations of one word are brought to one form. From common knowledge; lists can grow, weights are in
`names`.
"""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


LINK = _words("""
the and of for in at by to on und fur fuer der die das des dem von zu de du la le les l d et y e el los las del dell
della delle di da do dos i v vo na dlia po van het en og och ve s com net www
""")

FRAME = _words("""
group holding international global worldwide general national united associated association company corporation
enterprise business partner venture branch office subsidiary division unit headquarter center world new organization
institution establishment society union federation limited trading trade commercial industry joint consolidated
incorporated public private state central operation gruppe konzern beteiligung gesellschaft groupe grupo gruppo gruppa
holdings obshchestvo organizatsiia obshchestvennaia obshchestvennyi oblastnaia kompaniia predpriiatie tsentr
gosudarstvennyi natsionalnyi mezhdunarodnyi nauchnyi proizvodstvennyi obedinenie 集团 控股 国际 中国区 总公司 分公司
实业 工业 产业 有限 股份 新
""")

TRADE = _words("""
energy power electric electronic battery cell pack storage lithium charging solar wind hydrogen renewable nuclear fuel
oil gas petroleum petrochemical chemical chemistry material mineral mining mine metal metallurgy steel iron aluminium
copper nickel cobalt graphite resource technology science scientific hightech research development engineering engineer
construction machinery machine motor automobile automotive vehicle truck car bus mobility transport transportation
shipping marine maritime line airline aviation aerospace aircraft space rail railway freight express cargo port
industrial manufacturing factory work plant product production equipment instrument device system solution service
platform software hardware data digital cloud network internet online telecommunication communication mobile media film
music entertainment game sport semiconductor chip display optical laser precision automation robot intelligent smart
innovation design advisor management equity credit loan wealth bank savings exchange property land building home house
hotel restaurant food beverage agriculture agricultural farm health healthcare medical medicine pharma pharmaceutical
biotechnology biology life care clinic laboratory university college institute education training department government
agency authority council commission committee defence military weapon security safety water environment environmental
recycling waste paper plastic rubber glass textile fashion clothing store market marketing supply chain wholesale
distribution commerce sales procurement bergbau maschinenbau handel technik werk werke motoren versicherung banque
banco banca energia energie energetik technologie tecnologia industrie industria servicio industrias soluciones
tekhnologiia promyshlennost zavod neft gaz energetika stroitelstvo torgovyi institut elektro issledovanie sotsialnyi
razvitie mashinostroenie tekhnika finansovyi strakhovaia 科技 技术 能源 新能源 电池 储能 动力 锂电 锂能 锂业 电子 电气
电力 汽车 材料 新材料 化学 化工 智能 制造 装备 设备 机械 贸易 进出口 投资 发展 开发 管理 咨询 服务 信息 通信 网络 软件
系统 工程 建设 物流 供应链 环保 环境 光伏 太阳能 风电 半导体 精密 研究院 研究所 大学 银行 证券 保险 基金 资本 矿业 钢铁
铝业 铜业 石油 天然气 航空 航天 船舶 重工 医药 生物 食品 农业 循环 回收 电源 创新 平台
""")

ARM = _words("""
securities trust fund capital insurance asset mortgage leasing finance financial foundation pension real estate
ministry investment consulting ventures academy school hospital logistic retail reinsurance brokerage treasury funding
trustee export import clearing
""")

# Countries as they stand in names; the words of one line, separated by ';', are one country, the first is its sign.
COUNTRIES = """
afghanistan; albania; algeria; andorra; angola; argentina; armenia; australia; austria/osterreich/oesterreich;
azerbaijan; bahamas; bahrain; bangladesh; barbados; belarus; belgium/belgique/belgie/belgien; belize; benin; bhutan;
bolivia; bosnia; botswana; brazil/brasil/brasilien; brunei; bulgaria; burundi; cambodia; cameroon; canada/kanada;
chad/tchad; chile; china/prc/peoples republic of china/chine/kitai/zhongguo/中国; colombia; congo; costa rica; croatia;
cuba; cyprus; czechia/czech republic/czech; denmark/danmark; djibouti; dominican republic; ecuador; egypt; el salvador;
eritrea; estonia; eswatini; ethiopia; fiji; finland/suomi; france/frankreich/francia; gabon; gambia; georgia;
germany/deutschland/allemagne/alemania/germania; ghana; greece/hellas; guatemala; guinea; guyana; haiti; honduras;
hongkong/hong kong/香港; hungary/magyarorszag; iceland; india/bharat; indonesia; iran; iraq; ireland/eire; israel;
italy/italia/italien; jamaica; japan/nippon/nihon/日本; jordan; kazakhstan; kenya; kuwait; kyrgyzstan; laos; latvia;
lebanon; lesotho; liberia; libya; liechtenstein; lithuania; luxembourg/luxemburg; macau/macao/澳门; madagascar; malawi;
malaysia; maldives; mali; malta; mauritania; mauritius; mexico; moldova; monaco; mongolia; montenegro; morocco/maroc;
mozambique; myanmar/burma; namibia; nepal; netherlands/nederland/niederlande/holland; new zealand; nicaragua; niger;
nigeria; north korea/dprk; norway/norge; oman; pakistan; panama; papua new guinea; paraguay; peru; philippines;
poland/polska/polen; portugal; qatar; romania; russia/rossiia/russian federation/rossiiskaia federatsiia; rwanda;
saudi arabia; senegal; serbia/srbija; sierra leone; singapore/新加坡; slovakia; slovenia; somalia; south africa;
korea/south korea/republic of korea/hanguk/韩国; south sudan; spain/espana/spanien; sri lanka; sudan; suriname;
sweden/sverige/schweden; switzerland/schweiz/suisse/svizzera; syria; taiwan/chinese taipei/台湾; tajikistan; tanzania;
thailand; togo; tunisia/tunisie; turkey/turkiye/turkei; turkmenistan; uganda; ukraine/ukraina;
uae/united arab emirates/emirates; uk/united kingdom/great britain/britain; england; scotland; wales; uruguay;
usa/us/united states of america/united states/美国; uzbekistan; venezuela; vietnam/viet nam/越南; yemen; zambia;
zimbabwe
"""

# Cities and provinces, written in the same way.
CITIES = """
beijing/peking/北京/北京市; shanghai/上海/上海市; shenzhen/深圳/深圳市; guangzhou/canton/广州/广州市;
guangdong/广东/广东省; tianjin/天津/天津市; chongqing/重庆/重庆市; zhejiang/浙江/浙江省; jiangsu/江苏/江苏省;
fujian/福建/福建省; anhui/安徽/安徽省; hunan/湖南/湖南省; hubei/湖北/湖北省; henan/河南/河南省; hebei/河北/河北省;
shandong/山东/山东省; shanxi/山西/山西省; shaanxi/陕西/陕西省; sichuan/四川/四川省; jiangxi/江西/江西省;
yunnan/云南/云南省; guizhou/贵州/贵州省; qinghai/青海/青海省; gansu/甘肃/甘肃省; liaoning/辽宁/辽宁省;
jilin/吉林/吉林省; heilongjiang/黑龙江/黑龙江省; hainan/海南/海南省; xinjiang/新疆/新疆维吾尔自治区;
inner mongolia/neimenggu/内蒙古; guangxi/广西; ningxia/宁夏; tibet/xizang/西藏; xiamen/厦门/厦门市; fuzhou/福州/福州市;
ningde/宁德/宁德市; hangzhou/杭州/杭州市; ningbo/宁波/宁波市; wenzhou/温州; jinhua/金华/金华市; huzhou/湖州;
jiaxing/嘉兴; shaoxing/绍兴; taizhou/台州; suzhou/苏州/苏州市; wuxi/无锡/无锡市; nanjing/南京/南京市;
changzhou/常州/常州市; nantong/南通; xuzhou/徐州; yancheng/盐城; yangzhou/扬州; zhenjiang/镇江; hefei/合肥/合肥市;
wuhu/芜湖; wuhan/武汉/武汉市; jingmen/荆门/荆门市; yichang/宜昌; changsha/长沙/长沙市; zhengzhou/郑州;
luoyang/洛阳/洛阳市; jinan/济南; qingdao/青岛/青岛市; yantai/烟台; zaozhuang/枣庄; chengdu/成都/成都市;
yibin/宜宾/宜宾市; xian/西安/西安市; dalian/大连/大连市; shenyang/沈阳; harbin/哈尔滨; changchun/长春;
dongguan/东莞/东莞市; huizhou/惠州/惠州市; zhuhai/珠海/珠海市; foshan/佛山; zhongshan/中山; nanchang/南昌;
ganzhou/赣州/赣州市; yichun/宜春; shangrao/上饶; guiyang/贵阳; kunming/昆明; xining/西宁; lanzhou/兰州;
urumqi/乌鲁木齐; baotou/包头; ordos/鄂尔多斯; taipei/台北; kaohsiung/高雄; hsinchu; tokyo/东京; osaka/大阪; kyoto;
nagoya; yokohama; seoul; busan/pusan; incheon; ulsan; daegu; pyongyang; london; manchester; birmingham; edinburgh;
glasgow; dublin; belfast; paris; lyon; marseille; berlin/berliner; munich/munchen/muenchen; hamburg/hamburger;
frankfurt/frankfurter; cologne/koln/koeln; stuttgart; dusseldorf; leipzig; dresden; vienna/wien/wiener; zurich;
geneva/geneve; basel; brussels/bruxelles; antwerp; amsterdam; rotterdam; the hague; madrid; barcelona; valencia;
seville; lisbon/lisboa; porto; rome/roma; milan/milano; turin/torino; naples/napoli; athens; warsaw/warszawa; krakow;
prague/praha; budapest; bucharest; sofia; belgrade; zagreb; stockholm; gothenburg/goteborg; oslo; copenhagen/kobenhavn;
helsinki; riga; vilnius; tallinn; kiev/kyiv/kiiv; kharkiv; odessa; minsk; moscow/moskva/moskovskaia;
saint petersburg/st petersburg/petersburg/sankt peterburg; ekaterinburg; sverdlovsk/sverdlovskaia; novosibirsk; kazan;
samara; istanbul; ankara; tehran; isfahan; baghdad; damascus; beirut; tel aviv; jerusalem; cairo; dubai; abu dhabi;
sharjah; doha; riyadh; jeddah; karachi; lahore; islamabad; kabul; mumbai/bombay; delhi/new delhi; bangalore/bengaluru;
chennai/madras; kolkata/calcutta; hyderabad; pune; dhaka; colombo; bangkok; hanoi; ho chi minh city/saigon; jakarta;
manila; kuala lumpur; sydney; melbourne; brisbane; perth; auckland; toronto; montreal; vancouver; ottawa; quebec;
ontario; alberta; new york; boston; chicago; los angeles; san francisco; san diego; san jose; seattle; portland;
houston; dallas; austin; phoenix; denver; atlanta; miami; detroit; cleveland; philadelphia; washington; baltimore;
minneapolis; milwaukee; pittsburgh; cincinnati; nashville; las vegas; south bend; salt lake city; st louis/saint louis;
new orleans; kansas city; sacramento; alabama; alaska; arizona; arkansas; california; colorado; connecticut; delaware;
florida; hawaii; idaho; illinois; indiana; iowa; kansas; kentucky; louisiana; maine; maryland; massachusetts; michigan;
minnesota; mississippi; missouri; montana; nebraska; nevada; new jersey; new hampshire; new mexico; north carolina;
north dakota; ohio; oklahoma; oregon; pennsylvania; south carolina; tennessee; texas; utah; vermont; virginia;
west virginia; wisconsin; wyoming; bavaria/bayern; saxony/sachsen; europe/europa/evropa; asia; africa; america;
asia pacific/apac; emea; north america; latin america; middle east; mexico city; monterrey; guadalajara; bogota; lima;
santiago; buenos aires; sao paulo; rio de janeiro; caracas; johannesburg; cape town; nairobi; lagos; casablanca; tunis;
algiers
"""

# One word in several spellings, the first is the one kept.
SPELLINGS = """
international/intl/internatl/inter/internacional/internazionale/internationale/mezhdunarodnaia;
manufacturing/mfg/manufacture/manufacturer/manufactory; technology/tech/techn/technologies; technological/technol;
industry/ind/inds/industries; industrial/indl/industriel/industriale; development/dev/devt/devel;
engineering/eng/engg/engrg; management/mgmt/mgt; services/svc/svcs/serv; system/sys/syst;
electric/elec/electrical/elektro; electronic/electr; group/grp/gp/gruppe/groupe/grupo/gruppo/gruppa;
holding/hldg/hldgs/hlds/holdco; association/assn/assoc/assocs/associate; organization/organisation/org/orgn;
corporation/corp; company/co; institute/inst/institut/instituto; university/univ/universitat/universite/universidad;
department/dept/dep; government/govt/gov; national/natl/nat/nacional/nationale/nazionale;
center/centre/ctr/centro/tsentr; laboratory/lab/labs; chemical/chem; petroleum/petro; pharmaceutical/pharm/pharma;
investment/inv/invest/invt; finance/fin; financial/finl; insurance/ins; bank/bk/banque/banco/banca; brothers/bros;
manufacturing/fabrication; materials/matls/mat; equipment/equip/eqpt; machinery/mach; transportation/transp;
transport/trans; communication/comm/comms; telecommunication/telecom/telecoms; aluminium/aluminum/alum;
defence/defense; labor/labour; color/colour; fiber/fibre; energy/energia/energie/energi/enrg; science/sci;
research/rsch/res; environmental/environ/env; automobile/auto/automobiles; automotive/autom; motor/motoren/motors/mot;
product/prod/prods; trading/trdg; import/imp; export/exp; securities/sec/secs; properties/prop/props; saint/st;
mount/mt; north/nord; south/sud; european/europaische; battery/batt/batteries/batterie; high/hi;
hightech/high tech/hi tech/hitech; advanced/adv; american/amer; general/gen; limited/ltd; federal/fed;
brotherhood/brhd; society/soc; solution/sol/solutions; software/sw; partner/ptnr/ptnrs; academy/acad/akademie;
aerospace/aero; aircraft/acft; authority/auth; division/div; exploration/expl; production/prodn;
distribution/distr/dist; logistics/log; semiconductor/semi; construction/constr
"""

ONES = _words("""
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
""")
TENS = _words("""
twenty thirty forty fifty sixty seventy eighty ninety
""")
ORDINALS = _words("""
zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth
""")
ROMAN = _words("""
i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv xxv xxvi xxvii xxviii xxix
xxx
""")


def _groups(table: str) -> list[list[str]]:
    return [group.strip().split("/") for group in " ".join(table.split()).split(";") if group.strip()]


COUNTRY = {name: group[0] for group in _groups(COUNTRIES) for name in group}
CITY = {name: group[0] for group in _groups(CITIES) for name in group}
SPELLING = {name: group[0] for group in _groups(SPELLINGS) for name in group}
NUMBER = {word: n for words in (ONES, ORDINALS) for n, word in enumerate(words)} | {
    ten: 10 * n for n, ten in enumerate(TENS, 2)
}
ROMANS = {word: n for n, word in enumerate(ROMAN, 1)}
# What several words say together, as the one word it stands for.
PHRASES = {
    tuple(name.split()): kept for table in (COUNTRY, CITY, SPELLING) for name, kept in table.items() if " " in name
}
CHINESE = sorted(
    (w for table in (FRAME, TRADE, ARM, COUNTRY, CITY) for w in table if not w.isascii()), key=len, reverse=True
)


COMMON = {word: kind for kind, words in (("frame", FRAME), ("trade", TRADE), ("arm", ARM)) for word in words}


def singular(word: str) -> str:
    """Return a word in the spelling that the lists hold: an abbreviation written out, a plural made singular."""
    kept = SPELLING.get(word, word)
    if kept in COMMON or len(kept) < 4 or not kept.endswith("s"):
        return kept
    for stem in (
        kept[:-1],
        kept[:-3] + "y" if kept.endswith("ies") else kept,
        kept[:-2] if kept.endswith("es") else kept,
    ):
        stem = SPELLING.get(stem, stem)
        if stem in COMMON:
            return stem
    return kept
