"""Who sends what, and for which week."""

SENDER = 1
USER_ID = "70-B3-D5-1F-30-00-A0-08"
MONDAY = "2021-07-12"
DAYS = [f"2021-07-{day}" for day in range(12, 19)]


def party(number):
    return f"SUP{number:03}"


def demand_name():
    return f"DC_{party(SENDER)}_{USER_ID}_CGI_{MONDAY.replace('-', '')}.csv"


def authorisation_name(stamp):
    return f"MA_CGI_{USER_ID}_{stamp}.csv"
