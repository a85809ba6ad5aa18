//! Charts of a workbook, drawn by the program that opens it, each with its figures beside it.

use super::chart::{Bar, Chart, Form, Tone};
use rust_xlsxwriter::{
    Chart as Native, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartPatternFill, ChartPatternFillType,
    ChartRange, ChartSolidFill, ChartType, Format, FormatAlign, Worksheet, XlsxError,
};

/// The width of a chart in pixels, which is that of the columns below it, and the height of a row.
const WIDTH: u32 = 960;
const ROW: u32 = 20;
/// The outline of every piece, as pale ones need it.
const EDGE: u32 = 0x46_536B;
const CAPACITY: u32 = 0x14_213D;
const PAPER: u32 = 0xFF_FFFF;

/// Draws charts below each other, each with its figures under it.
///
/// # Errors
/// If the sheet has no room for them.
pub(super) fn draw(sheet: &mut Worksheet, name: &str, first: u32, charts: &[&Chart]) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 34)?;
    (1..8).try_for_each(|column| sheet.set_column_width(column, 14).map(drop))?;
    let (mut row, mut starts) = (first, Vec::new());
    for chart in charts {
        starts.push(row);
        row = one(sheet, name, row, chart)?;
    }
    // On paper no chart is torn.
    sheet.set_page_breaks(&starts.split_off(1))?;
    Ok(())
}

/// A chart and its figures; gives the row after both.
fn one(sheet: &mut Worksheet, name: &str, first: u32, chart: &Chart) -> Result<u32, XlsxError> {
    let bold = Format::new().set_bold();
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Right).set_align(FormatAlign::Bottom);
    let header = first + height(chart) / ROW + 2;
    sheet.write_string_with_format(header, 0, chart.measure, &bold.set_text_wrap())?;
    let has_capacity = chart.bars.iter().any(|bar| bar.capacity.is_some());
    let names = chart.series.iter().map(|series| series.name).chain(has_capacity.then_some("Capacity"));
    for (column, name) in (1_u16..).zip(names) {
        sheet.write_string_with_format(header, column, name, &head)?;
    }
    // Not every program makes a row as high as its text.
    let high = chart.series.iter().map(|series| series.name.len().div_ceil(11)).max().unwrap_or(1);
    let high = u32::try_from(high.max(chart.measure.len().div_ceil(30))).unwrap_or(1);
    sheet.set_row_height(header, 15 * high)?;
    let number = Format::new().set_num_format("#,##0");
    for (row, bar) in (header + 1..).zip(&chart.bars) {
        sheet.write_string(row, 0, &*crate::text::harmless(&bar.label))?;
        for (column, value) in (1_u16..).zip(bar.values.iter().copied().chain(capacity(bar, has_capacity))) {
            sheet.write_number_with_format(row, column, u32::try_from(value).unwrap_or(u32::MAX), &number)?;
        }
    }
    let last = header + u32::try_from(chart.bars.len()).unwrap_or(u32::MAX);
    sheet.insert_chart(first, 0, &native(name, chart, (header, last), has_capacity))?;
    Ok(last + 3)
}

fn capacity(bar: &Bar, has_capacity: bool) -> Option<u64> {
    has_capacity.then(|| bar.capacity.unwrap_or(0))
}

/// How high a chart is, in pixels.
fn height(chart: &Chart) -> u32 {
    let bars = u32::try_from(chart.bars.len()).unwrap_or(u32::MAX);
    (bars.saturating_mul(24) + 150).clamp(300, 900)
}

/// Blues that stand beside each other look alike on a screen and more so on paper: what is authorised and what is scheduled is hatched, as
/// in print of a page.
fn fill(format: &mut ChartFormat, tone: Tone) {
    let hatch = match tone {
        Tone::Authorised => ChartPatternFillType::DiagonalStripesWideUpwards,
        Tone::Scheduled => ChartPatternFillType::DiagonalStripesDarkDownwards,
        _ => {
            format.set_solid_fill(ChartSolidFill::new().set_color(tone.colour()));
            return;
        }
    };
    let mut lines = ChartPatternFill::new();
    lines.set_pattern(hatch).set_foreground_color(Tone::Migrated.colour()).set_background_color(PAPER);
    format.set_pattern_fill(&lines);
}

fn native(sheet: &str, chart: &Chart, (header, last): (u32, u32), has_capacity: bool) -> Native {
    let mut drawn = Native::new(match chart.form {
        Form::Stacked => ChartType::BarStacked,
        Form::Shares => ChartType::BarPercentStacked,
        Form::Grouped | Form::Nested => ChartType::Column,
    });
    let column = |column: u16| ChartRange::new_from_range(sheet, header + 1, column, last, column);
    let names = column(0);
    let mut place = 1;
    for series in &chart.series {
        let mut format = ChartFormat::new();
        fill(&mut format, series.tone);
        format.set_border(ChartLine::new().set_color(EDGE));
        let added = drawn.add_series().set_categories(&names).set_values(&column(place)).set_name(series.name);
        added.set_format(&mut format).set_gap(40);
        place += 1;
    }
    if has_capacity {
        let mut line = Native::new(ChartType::Line);
        let mut format = ChartFormat::new();
        format.set_line(ChartLine::new().set_color(CAPACITY).set_width(2.5));
        line.add_series()
            .set_categories(&names)
            .set_values(&column(place))
            .set_name("Capacity")
            .set_format(&mut format);
        drawn.combine(&line);
    }
    // A figure and its sign stay on one line.
    drawn.title().set_name(&chart.title.replace(" %", "\u{a0}%")).set_font(ChartFont::new().set_bold().set_size(12));
    drawn.legend().set_position(ChartLegendPosition::Bottom);
    if chart.series.len() == 1 && !has_capacity {
        drawn.legend().set_hidden();
    }
    let form = if chart.form == Form::Shares { "0%" } else { "#,##0" };
    if matches!(chart.form, Form::Stacked | Form::Shares) {
        // The axes of lying bars change their places. The first bar stands at the top, as in the table.
        drawn.y_axis().set_reverse();
        drawn.x_axis().set_num_format(form);
    } else {
        drawn.y_axis().set_num_format(form);
    }
    drawn.set_width(WIDTH).set_height(height(chart));
    drawn
}
