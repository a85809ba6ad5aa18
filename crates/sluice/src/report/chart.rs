//! The chart of an S1SP, laid out in whole numbers; the template draws it.

use sluice_wire::report::grouped;

/// One day or week of a chart.
pub struct Column {
    /// What stands below it.
    pub label: String,
    /// Capacity to be shared.
    pub capacity: u64,
    /// Counted demand.
    pub demand: u64,
    /// What was allocated.
    pub allocated: u64,
}

/// A chart as shapes, in the units of its view box.
pub struct Chart {
    /// Its name.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// Width of the view box.
    pub width: u64,
    /// The lines of the scale: height from above, and the figure.
    pub scale: Vec<(u64, String)>,
    /// The columns.
    pub columns: Vec<Shapes>,
}

/// The shapes of a column.
pub struct Shapes {
    /// Middle of the column.
    pub middle: u64,
    /// What stands below it; nothing where there is no room.
    pub label: String,
    /// Left edge of the demand bar.
    pub demand_x: u64,
    /// Left edge of the allocation bar.
    pub allocated_x: u64,
    /// Width of a bar.
    pub bar: u64,
    /// Top and height of the demand bar.
    pub demand: (u64, u64),
    /// Top and height of the allocation bar.
    pub allocated: (u64, u64),
    /// Where the capacity line begins, ends, and how high it is; nothing where there is no capacity.
    pub capacity: Option<(u64, u64, u64)>,
    /// The figures above the demand and the allocation bar; nothing where there is no room or nothing to say.
    pub figures: Option<(String, String)>,
}

/// The left edge of the columns; the figures of the scale stand before it.
const LEFT: u64 = 70;
/// The top and the height of the columns.
const TOP: u64 = 34;
const HEIGHT: u64 = 220;
/// The width of all columns together.
const WIDTH: u64 = 640;
/// Labels that fit below each other's columns.
const LABELS: usize = 7;

impl Chart {
    /// Lays out a chart.
    pub fn new(s1sp: &str, columns: Vec<Column>) -> Self {
        let most = columns.iter().map(|column| column.capacity.max(column.demand).max(column.allocated)).max();
        let step = step(most.unwrap_or(0));
        let top = most.unwrap_or(0).div_ceil(step).max(1) * step;
        let count = u64::try_from(columns.len()).unwrap_or(1).max(1);
        let pitch = (WIDTH / count).max(3);
        let every = columns.len().div_ceil(LABELS).max(1);
        let figures = columns.len() <= LABELS;
        let over = columns.iter().filter(|column| column.demand > column.capacity).count();
        Self {
            title: format!("Net capacity, demand and allocation of {s1sp}"),
            description: format!(
                "Demand is above capacity in {over} of {} columns; the figures are in the table below.",
                columns.len()
            ),
            width: LEFT + pitch * count + 8,
            scale: (0..=top / step).map(|line| (y(line * step, top), grouped(line * step))).collect(),
            columns: columns
                .into_iter()
                .enumerate()
                .map(|(index, column)| {
                    let x = LEFT + pitch * u64::try_from(index).unwrap_or(0);
                    shapes(column, x, pitch, top, (index.is_multiple_of(every), figures))
                })
                .collect(),
        }
    }
}

fn shapes(column: Column, x: u64, pitch: u64, top: u64, (labelled, figures): (bool, bool)) -> Shapes {
    let bar = (pitch * 3 / 8).max(1);
    let middle = x + pitch / 2;
    let extent = |value| (y(value, top), TOP + HEIGHT - y(value, top));
    Shapes {
        middle,
        label: if labelled { column.label } else { String::new() },
        demand_x: middle - bar,
        allocated_x: middle,
        bar,
        demand: extent(column.demand),
        allocated: extent(column.allocated),
        capacity: (column.capacity > 0).then(|| (x, x + pitch, y(column.capacity, top))),
        figures: (figures && column.demand > 0).then(|| (grouped(column.demand), grouped(column.allocated))),
    }
}

/// How far from above a value stands.
fn y(value: u64, top: u64) -> u64 {
    TOP + HEIGHT - value * HEIGHT / top
}

/// A round step that gives three to six lines.
fn step(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for digit in [1, 2, 5] {
            if most <= digit * power * 5 {
                return digit * power;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
