//! The chart of an S1SP: capacity, counted demand and allocation by day.

use jiff::civil::Date;
use sluice_rules::party::S1sp;
use sluice_rules::scaling::{PoolResult, Sharing};
use sluice_wire::report::{Bar, Chart, Form, Series, Tone, grouped};

/// More days than this are drawn week by week.
const DAYS_DRAWN: usize = 35;

/// The sum over pools.
pub fn sum(pools: &[PoolResult], value: impl Fn(&PoolResult) -> u64) -> u64 {
    pools.iter().map(value).sum()
}

/// Was demand above a capacity that was there to be shared?
pub fn is_scaled(pool: &&PoolResult) -> bool {
    !matches!(pool.sharing, Sharing::Met) && pool.capacity.available() > 0
}

/// The chart of an S1SP's pools; `weeks` are the same, by week.
pub fn chart(s1sp: S1sp, pools: &[PoolResult], weeks: &[&[PoolResult]]) -> Chart {
    let by_week = pools.len() > DAYS_DRAWN;
    let bars = if by_week {
        weeks.iter().map(|week| bar(week, "Week of %-d %b %Y")).collect()
    } else {
        pools.iter().map(|pool| bar(std::slice::from_ref(pool), "%a %-d %b")).collect()
    };
    let over: Vec<Date> = pools.iter().filter(is_scaled).map(|pool| pool.date).collect();
    Chart {
        title: finding(s1sp, &over, pools.len()),
        measure: if by_week {
            "Installations of each week; at the end, allocated of counted demand"
        } else {
            "Installations of each day; at the end, allocated of counted demand"
        },
        unit: "installations",
        form: Form::Nested,
        series: vec![
            Series { name: "Counted demand", tone: Tone::Demand },
            Series { name: "Allocation", tone: Tone::Allocated },
        ],
        bars,
    }
}

/// A bar of the chart: a day or a week.
fn bar(pools: &[PoolResult], format: &str) -> Bar {
    let (counted, allocated) = (sum(pools, |pool| pool.total), sum(pools, PoolResult::allocated));
    let capacity = sum(pools, |pool| pool.capacity.available());
    let figure = match (capacity, counted) {
        (0, _) => "no capacity".to_owned(),
        _ => format!("{} of {}", grouped(allocated), grouped(counted)),
    };
    Bar {
        capacity: (capacity > 0).then_some(capacity),
        figure: Some(figure),
        ..Bar::new(pools[0].date.strftime(format).to_string(), vec![counted, allocated])
    }
}

/// On which days more was asked for than there was, in the title of a chart.
fn finding(s1sp: S1sp, over: &[Date], days: usize) -> String {
    let name = |date: &Date, format: &str| date.strftime(format).to_string();
    let run = over.windows(2).all(|days| days[0].tomorrow().ok() == Some(days[1]));
    match over {
        [] => format!("Demand stays within the capacity of {s1sp}"),
        [day] => format!("{} is over capacity at {s1sp}", name(day, "%A %-d %B")),
        [first, .., last] if run && over.len() < 7 => {
            let between = if over.len() == 2 { "and" } else { "to" };
            format!("{} {between} {} are over capacity at {s1sp}", name(first, "%A %-d"), name(last, "%A %-d %B"))
        }
        _ => format!("{} of {} days are over capacity at {s1sp}", over.len(), days),
    }
}

#[cfg(test)]
mod tests {
    use super::finding;
    use jiff::civil::{Date, date};

    #[test]
    fn the_title_says_on_which_days_demand_is_over_capacity() {
        let s1sp = "CGI".parse().expect("a code");
        let said = |days: &[i8]| {
            let over: Vec<Date> = days.iter().map(|day| date(2021, 7, *day)).collect();
            finding(s1sp, &over, 7)
        };
        assert_eq!(said(&[]), "Demand stays within the capacity of CGI");
        assert_eq!(said(&[27]), "Tuesday 27 July is over capacity at CGI");
        assert_eq!(said(&[27, 28]), "Tuesday 27 and Wednesday 28 July are over capacity at CGI");
        assert_eq!(said(&[27, 28, 29]), "Tuesday 27 to Thursday 29 July are over capacity at CGI");
        assert_eq!(said(&[26, 28, 29]), "3 of 7 days are over capacity at CGI");
    }
}
