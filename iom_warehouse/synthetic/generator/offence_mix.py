"""The offences of the sample: Home Office codes with their counting-rules class, how common they are and what follows on them.

share: of 1,000 named offences; drug_share: the same for people who depend on drugs. gravity: added to the log odds of custody.
sentence: median sentence in days when it is custody. trigger: a drug test on arrest may follow. victim: a person was the victim.
recordable: a conviction is kept on the Police National Computer.
"""

import polars as pl

_MIX = """
code   class share drug_share gravity sentence trigger victim recordable text
028/03 28A   45    95         2.5     510      Y       Y      Y          Burglary in a dwelling
028/02 28B   6     10         3.0     900      Y       Y      Y          Burglary in a dwelling with violence or threats
030/02 30A   30    55         1.4     210      Y       N      Y          Burglary in a building other than a dwelling
034/01 34B   14    20         3.2     1095     Y       Y      Y          Robbery
039/00 39    8     12         1.0     120      Y       Y      Y          Theft from the person
044/00 44    8     14         0.2     42       Y       Y      Y          Theft of a pedal cycle
045/10 45    25    60         0.7     84       Y       Y      Y          Theft from a motor vehicle
046/00 46    150   290        0.0     42       Y       N      Y          Theft from a shop
048/01 48    25    30         0.7     112      Y       Y      Y          Theft or unauthorised taking of a motor vehicle
049/10 49    45    50         0.2     56       Y       Y      Y          Other theft
053/40 53C   22    25         0.4     112      Y       N      Y          Fraud
054/01 54    16    30         0.6     90       Y       N      Y          Handling stolen goods
092/61 92E   55    35         -1.2    28       N       N      Y          Possession of cannabis
092/51 92D   20    60         -0.8    42       N       N      Y          Possession of heroin
092/31 92A   18    30         1.8     730      N       N      Y          Supplying heroin
008/06 8N    85    40         1.0     180      N       Y      Y          Assault occasioning actual bodily harm
105/01 105A  120   50         -0.3    56       N       Y      Y          Common assault
005/01 5D    8     4          3.0     1095     N       Y      Y          Wounding with intent
149/00 149   75    30         -0.5    42       N       Y      Y          Criminal damage
125/12 125   90    38         -0.9    28       N       N      Y          Causing harassment, alarm or distress
066/01 66    10    4          1.2     210      N       N      Y          Affray
083/01 83    12    10         -0.4    21       N       N      Y          Failing to surrender to bail
803/02 803   45    10         -1.5    56       N       N      Y          Driving with excess alcohol
809/01 809   32    18         -3.0    28       N       N      N          Using a motor vehicle without insurance
807/02 807   10    8          -3.0    28       N       N      N          Driving without a licence
"""
BREACH_CODE, BREACH_TEXT = "000/01", "Breach of the requirements of a community or suspended order"


def offence_mix() -> pl.DataFrame:
    """One row per offence, numbered by `offence`, with the columns named above (Y and N as booleans)."""
    header, *lines = (line.split(maxsplit=9) for line in _MIX.strip().splitlines())
    text = pl.DataFrame(lines, schema=header, orient="row").with_row_index("offence")
    numbers = [pl.col("share", "drug_share", "gravity", "sentence").cast(pl.Float64)]
    return text.with_columns(pl.col("offence").cast(pl.Int64), *numbers, pl.col("trigger", "victim", "recordable") == "Y")
