"""The tables and files that Sluice takes, as text: the one place where measurements write their columns."""
from .names import party

COMBINATIONS = 200
PARTIES = "Party,Name,Role,User IDs,Electricity MPIDs,Gas MPIDs,S1SP,Operations Contact,Out-of-hours Contact\n"
DMC = "Device Model Combination,Communications Provider,CHF Model,ESME Model,GSME Model\n"
EPCL = "S1SP,Device Model Combination,Date Added,Date Removed\n"
CAPACITY = "S1SP,Migration Date,Total Capacity,Dormant Reserve\n"
REGISTRATIONS = "MPxN,Fuel,MPID,Effective From\n"
INVENTORY = (
    "CHF Device ID,S1SP,Cohort,Device Model Combination,ESME Device ID,Import MPAN,Electricity MPID,Electricity Status,"
    "GSME Device ID,MPRN,Gas MPID,Gas Status\n"
)
AUTHORISATION = (
    "Import MPAN,MPRN,CHF Device ID,Migration Date,Action,Notified Critical Supplier ID,Priority,Supplier Reference\n"
)


def write(path, header, lines):
    with open(path, "w", newline="") as file:
        file.write(header)
        file.writelines(lines)


def device(number):
    text = f"{number:016X}"
    return "-".join(text[place : place + 2] for place in range(0, 16, 2))


def mprn(place):
    return 2_000_000_000 + 3 * place


def write_parties(folder, user_ids, s1sps):
    """Suppliers by their numbers and S1SPs by their codes, with the User ID of each."""
    suppliers = [
        f"{party(number)},Supplier {number},SUPPLIER,{user_id},S{number:03},G{number:03},,,\n"
        for number, user_id in enumerate(user_ids)
    ]
    write(folder / "parties.csv", PARTIES, suppliers + [f"{code},{code},S1SP,{user_id},,,{code},,\n" for code, user_id in s1sps])


def write_combinations(folder, s1sps):
    """Device Model Combinations, all on the EPCL of each S1SP."""
    combinations = range(COMBINATIONS)
    write(folder / "dmc.csv", DMC, [f"DMC-{n:04},CSP,a:{n}:1,c:d:1,e:f:1\n" for n in combinations])
    write(folder / "epcl.csv", EPCL, [f"{code},DMC-{n:04},2021-01-01,\n" for code in s1sps for n in combinations])


def write_capacity(folder, days, s1sps, total, reserve):
    write(folder / "capacity.csv", CAPACITY, [f"{code},{day},{total},{reserve}\n" for day in days for code in s1sps])


def write_demand(path, days):
    """A Demand Commitment: days with their installations."""
    write(path, "Migration Date,Demand\n", [f"{day},{units}\n" for day, units in days])


def installation(place, chf, mpan, supplier, s1sp, cohort):
    """A home of the inventory, both meters Active with one supplier."""
    return (
        f"{device(chf)},{s1sp},{cohort},DMC-{place % COMBINATIONS:04},{device(chf + 1)},{mpan},S{supplier:03},"
        f"ACTIVE,{device(chf + 2)},{mprn(place)},G{supplier:03},ACTIVE\n"
    )


def authorisation(place, chf, mpan, day, user_id):
    return f"{mpan},{mprn(place)},{device(chf)},{day},AUTHORISE,{user_id},,ref{place}\n"


def registrations(place, mpan, supplier, date):
    """Both meters of a home."""
    return f"{mpan},ELECTRICITY,S{supplier:03},{date}\n{mprn(place)},GAS,G{supplier:03},{date}\n"
