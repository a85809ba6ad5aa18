//! Charts as rows of HTML with a drawing each, so that they are laid out for the width of the screen; the template draws them.

use super::chart::{Bar, Chart, Form};
use super::content::grouped;
use super::look::PageError;
use askama::Template as _;

/// A chart as shapes; what lies across is in percent of the width of a bar.
#[derive(askama::Template)]
#[template(path = "chart.html")]
struct Drawn<'a> {
    id: &'a str,
    chart: &'a Chart,
    description: String,
    /// What is counted, capitalised.
    unit: String,
    /// Lines of the scale: where, how the figure is anchored, and the figure, where there is room for it.
    scale: Vec<(String, &'static str, String)>,
    /// The series in the key; none where there is only one.
    key: Vec<(&'static str, &'static str)>,
    has_capacity: bool,
    rows: Vec<Row>,
}

/// A row: a heading, or a bar.
struct Row {
    label: String,
    heading: bool,
    /// The class of a row that belongs to a heading.
    within: bool,
    pieces: Vec<Piece>,
    /// What the whole width stands for.
    end: u64,
    capacity: Option<(String, String)>,
    figure: String,
}

/// A piece of a bar.
struct Piece {
    class: &'static str,
    x: String,
    width: String,
    /// From above, and how high, in percent of the row.
    y: (u8, u8),
    value: u64,
    words: String,
}

/// Figures of a scale that stand beside each other in the narrowest window, in characters.
const SCALE_ROOM: usize = 34;

impl Chart {
    /// The chart as a figure of a page. `id` is that of no other element.
    ///
    /// # Errors
    /// If it cannot be made: a defect.
    pub fn html(&self, id: &str) -> Result<String, PageError> {
        let end = self.end();
        let drawn = Drawn {
            id,
            chart: self,
            description: self.description(),
            unit: capital(self.unit),
            scale: self.scale(end),
            key: if self.series.len() > 1 {
                self.series.iter().map(|series| (series.tone.class(), series.name)).collect()
            } else {
                Vec::new()
            },
            has_capacity: self.bars.iter().any(|bar| bar.capacity.is_some()),
            rows: self.bars.iter().flat_map(|bar| self.rows(bar, end)).collect(),
        };
        Ok(drawn.render()?)
    }

    /// The end of the scale.
    fn end(&self) -> u64 {
        if self.form == Form::Shares {
            return 100;
        }
        let length = |bar: &Bar| {
            let values = bar.values.iter().copied();
            let bars = if self.form == Form::Stacked { values.sum() } else { values.max().unwrap_or(0) };
            bars.max(bar.capacity.unwrap_or(0))
        };
        let most = self.bars.iter().map(length).max().unwrap_or(0);
        most.div_ceil(step(most)).max(1) * step(most)
    }

    fn scale(&self, end: u64) -> Vec<(String, &'static str, String)> {
        let (step, sign) = if self.form == Form::Shares { (25, " %") } else { (step(end), "") };
        let count = end / step;
        let room = SCALE_ROOM / (grouped(end).len() + 2);
        // Where not all figures have room, every second one stands, or those of the ends.
        let fits = |stride: &u64| {
            count.is_multiple_of(*stride) && usize::try_from(count / stride).unwrap_or(usize::MAX) < room
        };
        let stride = (1..count).find(fits).unwrap_or(count);
        let line = |line: u64| {
            let anchor = match line {
                0 => "start",
                _ if line == count => "end",
                _ => "middle",
            };
            let figure =
                if line.is_multiple_of(stride) { format!("{}{sign}", grouped(line * step)) } else { String::new() };
            (percent(line * step, end), anchor, figure)
        };
        (0..=count).map(line).collect()
    }

    fn rows(&self, bar: &Bar, end: u64) -> Vec<Row> {
        let capacity = bar
            .capacity
            .map(|capacity| (percent(capacity, end), format!("{}: capacity {}", bar.label, grouped(capacity))));
        let sum: u64 = bar.values.iter().sum();
        let row = |label: &str, pieces, figure| Row {
            label: label.to_owned(),
            heading: false,
            within: false,
            pieces,
            end: if self.form == Form::Shares { sum } else { end },
            capacity: capacity.clone(),
            figure,
        };
        let figure = bar.figure.clone();
        if self.form != Form::Grouped {
            let figure = figure.unwrap_or_else(|| grouped(sum));
            return vec![row(&bar.label, self.pieces(bar, end), figure)];
        }
        let piece = |(place, value): (usize, u64)| {
            let pieces = vec![self.piece(bar, place, (0, value), end, (16, 68))];
            Row { within: true, ..row(self.series[place].name, pieces, grouped(value)) }
        };
        let heading = Row { heading: true, ..row(&bar.label, Vec::new(), figure.unwrap_or_default()) };
        std::iter::once(heading).chain(self.series_values(bar).map(piece)).collect()
    }

    fn series_values<'a>(&self, bar: &'a Bar) -> impl Iterator<Item = (usize, u64)> + use<'a> {
        bar.values.iter().copied().take(self.series.len()).enumerate()
    }

    fn pieces(&self, bar: &Bar, end: u64) -> Vec<Piece> {
        if self.form == Form::Nested {
            // Each is narrower by a third of the row's height.
            const HEIGHTS: [(u8, u8); 3] = [(8, 84), (24, 52), (38, 24)];
            let piece = |(place, value): (usize, u64)| {
                self.piece(bar, place, (0, value), end, HEIGHTS[place.min(HEIGHTS.len() - 1)])
            };
            return self.series_values(bar).map(piece).collect();
        }
        let whole = if self.form == Form::Shares { bar.values.iter().sum::<u64>().max(1) } else { end };
        let (mut from, mut pieces) = (0, Vec::new());
        for (place, value) in self.series_values(bar) {
            if value > 0 {
                pieces.push(self.piece(bar, place, (from, value), whole, (12, 76)));
            }
            from += value;
        }
        pieces
    }

    fn piece(&self, bar: &Bar, place: usize, (from, value): (u64, u64), whole: u64, y: (u8, u8)) -> Piece {
        let series = &self.series[place];
        Piece {
            class: series.tone.class(),
            x: percent(from, whole),
            width: percent(value, whole),
            y,
            value,
            words: format!("{}: {} {}", bar.label, series.name.to_lowercase(), grouped(value)),
        }
    }

    fn description(&self) -> String {
        let names: Vec<&str> = self.series.iter().map(|series| series.name).collect();
        let (what, bars) = (names.join(", "), self.bars.len());
        format!(
            "{}: {what}; {bars} {}. The figures are in the table.",
            self.measure,
            if bars == 1 { "bar" } else { "bars" }
        )
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A part of a whole in percent with two decimals, cut off.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => format!("{whole}%"),
        (whole, rest) => format!("{whole}.{rest:02}%"),
    }
}

/// A round step that gives two to four lines beyond 0.
fn step(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for digit in [1, 2, 5] {
            if most <= digit * power * 4 {
                return digit * power;
            }
        }
        power *= 10;
    }
}
