//! Charts laid out in whole numbers; the template draws them.

use super::content::{Chart, grouped};

/// A chart as shapes, in the units of its view box.
pub struct Drawn {
    pub title: String,
    pub description: String,
    /// What is counted, capitalised.
    pub unit: String,
    pub width: u64,
    pub height: u64,
    /// Lines of the scale: from the left, and the figure.
    pub scale: Vec<(u64, String)>,
    pub headings: Vec<(u64, String)>,
    pub bars: Vec<Bar>,
    /// The series in the key; none where every bar is named by its own, or there is only one.
    pub key: Vec<(usize, &'static str)>,
}

/// One bar.
pub struct Bar {
    pub label: String,
    /// The line on which its words stand.
    pub base: u64,
    pub top: u64,
    pub pieces: Vec<Piece>,
    /// Where the figure stands, and the figure.
    pub figure: (u64, String),
}

/// A piece of a bar.
pub struct Piece {
    pub x: u64,
    pub width: u64,
    pub series: usize,
}

/// Where the bars begin, and how long the longest may be; figures stand behind it.
const LEFT: u64 = 176;
const LENGTH: u64 = 400;
const WIDTH: u64 = 660;
/// The height of a bar, and from one to the next.
const BAR: u64 = 17;
const PITCH: u64 = 25;
const TOP: u64 = 30;
/// Labels longer than this are cut.
const LABEL: usize = 22;

impl Chart {
    pub(super) fn draw(&self) -> Drawn {
        let length = |values: &Vec<u64>| {
            if self.stacked { values.iter().sum() } else { values.iter().copied().max().unwrap_or(0) }
        };
        let most = self.bars.iter().map(|(_, values)| length(values)).max().unwrap_or(0);
        let step = step(most);
        let end = most.div_ceil(step).max(1) * step;
        let mut drawn = Drawn {
            title: self.title.clone(),
            description: self.description(),
            unit: capital(self.unit),
            width: WIDTH,
            height: 0,
            scale: (0..=end / step).map(|line| (x(line * step, end), grouped(line * step))).collect(),
            headings: Vec::new(),
            bars: Vec::new(),
            key: if self.stacked && self.series.len() > 1 {
                self.series.iter().copied().enumerate().collect()
            } else {
                Vec::new()
            },
        };
        let mut top = TOP;
        for (label, values) in &self.bars {
            if self.stacked {
                drawn.bars.push(stacked(label, values, top, end));
                top += PITCH;
                continue;
            }
            drawn.headings.push((top + 12, label.clone()));
            top += PITCH - 4;
            for (series, (name, &value)) in self.series.iter().zip(values).enumerate() {
                let pieces = vec![Piece { x: LEFT, width: x(value, end) - LEFT, series }];
                drawn.bars.push(bar(name, pieces, top, (x(value, end), value)));
                top += PITCH - 4;
            }
            top += 8;
        }
        drawn.height = top + 6;
        drawn
    }

    fn description(&self) -> String {
        let what = self.series.join(", ");
        format!("{} of {what} for {} rows; the figures are in the table.", capital(self.unit), self.bars.len())
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn stacked(label: &str, values: &[u64], top: u64, end: u64) -> Bar {
    let (mut sum, mut pieces) = (0, Vec::new());
    for (series, &value) in values.iter().enumerate() {
        let (from, to) = (x(sum, end), x(sum + value, end));
        if to > from {
            pieces.push(Piece { x: from, width: to - from, series });
        }
        sum += value;
    }
    bar(label, pieces, top, (x(sum, end), sum))
}

fn bar(label: &str, pieces: Vec<Piece>, top: u64, (end, value): (u64, u64)) -> Bar {
    let cut = label.char_indices().nth(LABEL).map(|(end, _)| format!("{}…", &label[..end]));
    let label = cut.unwrap_or_else(|| label.to_owned());
    Bar { label, base: top + BAR - 4, top, pieces, figure: (end + 6, grouped(value)) }
}

/// How far from the left a value ends.
fn x(value: u64, end: u64) -> u64 {
    let length = u128::from(value) * u128::from(LENGTH) / u128::from(end.max(1));
    LEFT + u64::try_from(length).unwrap_or(LENGTH)
}

/// A round step that gives three to five lines.
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

impl Bar {
    /// The bottom of its pieces.
    pub fn height(&self) -> u64 {
        BAR
    }
}
