use super::*;
use jiff::Timestamp;
use jiff::civil::date;

fn report() -> Report {
    let columns = vec![
        Column::text("party", "Supplier", "The supplier."),
        Column::number("migrated", "Migrated", "Installations."),
        Column::of(Kind::Share, "share", "Success rate", "Migrated of those attempted."),
        Column::of(Kind::Decimal, "balance", "Balance", "In installations."),
        Column::of(Kind::Date, "date", "Day", "The day."),
        Column::of(Kind::Moment, "at", "When", "The moment."),
    ];
    let moment: Timestamp = "2021-07-27T11:00:00Z".parse().expect("a moment");
    let row = |party: &str, migrated: u64, balance: i64| {
        vec![
            Cell::text(party),
            Cell::Number(migrated),
            Cell::Share { part: migrated, whole: 1500 },
            Cell::Decimal { value: balance, places: 3 },
            Cell::Date(date(2021, 7, 26)),
            Cell::Moment(moment),
        ]
    };
    Report {
        name: "outcomes",
        title: "Daily outcomes by supplier",
        verdict: "1,333 were migrated <b>.".to_owned(),
        remark: Some("Invented data.".to_owned()),
        main: "days",
        about: &["What became of the installations."],
        period: "26 July 2021".to_owned(),
        s1sps: "S1SP CGI".to_owned(),
        reader: "DCC".to_owned(),
        as_of: moment,
        notes: vec!["<b>bold</b> & more".to_owned()],
        tables: vec![Table {
            id: "days",
            title: "Days",
            about: "A row is a supplier.",
            columns,
            rows: vec![row("=cmd()", 1000, -1_204), row("<i>B</i>", 333, 5)],
            totals: Totals::Sums,
            empty: "Nothing happened.",
            charts: vec![chart(Form::Stacked)],
        }],
    }
}

fn chart(form: Form) -> Chart {
    Chart {
        title: "Most were migrated".to_owned(),
        measure: "Installations of each",
        unit: "installations",
        form,
        series: vec![Series { name: "Migrated", tone: Tone::Migrated }, Series { name: "Failed", tone: Tone::Failed }],
        bars: vec![
            Bar { capacity: Some(4), ..Bar::new("A", vec![3, 1]) },
            Bar { capacity: Some(2), ..Bar::new("B<", vec![0, 0]) },
        ],
    }
}

#[test]
fn csv_has_plain_figures_and_harmless_words() {
    let expected = "Supplier,Migrated,Success rate (%),Balance,Day,When\n\
                    '=cmd(),1000,66.7,-1.204,2021-07-26,2021-07-27T12:00:00+01:00\n\
                    <i>B</i>,333,22.2,0.005,2021-07-26,2021-07-27T12:00:00+01:00\n";
    assert_eq!(report().tables[0].csv(), expected);
}

#[test]
fn totals_add_up_and_shares_are_of_the_sums() {
    let total = report().tables[0].total_row().expect("totals");
    assert_eq!(total[..3], [Cell::text("Total"), Cell::Number(1333), Cell::Share { part: 1333, whole: 3000 }]);
    assert_eq!(total[3..], [Cell::Empty, Cell::Empty, Cell::Empty]);
    let mut none = report().tables.remove(0);
    none.rows.clear();
    assert_eq!(none.total_row(), None);
}

#[test]
fn of_nothing_there_is_no_share() {
    assert_eq!(Cell::Share { part: 0, whole: 0 }.plain(), "");
    assert_eq!(Cell::Share { part: 1, whole: 3 }.shown(), "33.3 %");
    assert_eq!(Cell::per_mille(u64::MAX, u64::MAX), Some(1000));
}

#[test]
fn msm_8_a_balance_has_nine_decimals_by_threes() {
    let shown = [-333_333_334, 1_234_500_000_000, -1_000_000_001, 0].map(|nano| Cell::balance(nano).shown());
    let wanted = ["−0.333 333 334", "1,234.500 000 000", "−1.000 000 001", "0.000 000 000"];
    assert_eq!(shown.map(|words| words.replace('\u{a0}', " ")), wanted);
    assert_eq!(Cell::balance(-333_333_334).plain(), "-0.333333334");
}

#[test]
fn a_page_escapes_words_and_has_no_script_and_nothing_from_outside() {
    let page = report().page(&[]).expect("a page");
    assert!(page.contains("&#60;i&#62;B&#60;/i&#62;") && page.contains("&#60;b&#62;bold"), "{page}");
    for word in ["<script", "http://", "https://", "@import"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("−1.204") && page.contains("data of 12:00 on Tuesday 27 July 2021 (UK time)"));
}

#[test]
fn a_table_without_rows_says_so_in_words() {
    let mut empty = report();
    empty.tables[0].rows.clear();
    let page = empty.page(&[]).expect("a page");
    assert!(page.contains("Nothing happened.") && !page.contains("<svg class=\"chart\""));
}

#[test]
fn same_report_same_bytes() {
    assert_eq!(report().workbook().expect("a workbook"), report().workbook().expect("a workbook"));
    assert_eq!(report().page(&[]).expect("a page"), report().page(&[]).expect("a page"));
}

#[test]
fn bars_begin_at_the_left_and_their_pieces_touch() {
    let drawn = chart(Form::Stacked).html("c").expect("a chart");
    // Three and one of a scale that ends at 4.
    assert!(drawn.contains("x=\"0%\" y=\"12%\" width=\"75%\" height=\"76%\" data-value=\"3\""), "{drawn}");
    assert!(drawn.contains("x=\"75%\" y=\"12%\" width=\"25%\" height=\"76%\" data-value=\"1\""), "{drawn}");
    assert!(drawn.contains("B&#60;") && !drawn.contains("data-value=\"0\""), "{drawn}");
    assert!(drawn.contains("<line class=\"capacity\" x1=\"50%\""), "{drawn}");
}

#[test]
fn shares_are_of_each_bar_and_nested_figures_all_begin_at_the_left() {
    let shares = chart(Form::Shares).html("c").expect("a chart");
    assert!(shares.contains("x=\"75%\" y=\"12%\" width=\"25%\"") && shares.contains(">100 %</text>"), "{shares}");
    let nested = chart(Form::Nested).html("c").expect("a chart");
    assert!(
        nested.contains("x=\"0%\" y=\"8%\" width=\"75%\"") && nested.contains("x=\"0%\" y=\"24%\" width=\"25%\""),
        "{nested}"
    );
    let grouped = chart(Form::Grouped).html("c").expect("a chart");
    assert_eq!(grouped.matches("class=\"row within\"").count(), 4);
}

#[test]
fn what_is_first_is_the_verdict_and_the_remark_stands_on_page_workbook_and_index() {
    let page = report().page(&[]).expect("a page");
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("no {words} in {page}"));
    assert!(place("1,333 were migrated &#60;b&#62;.") < place("<table"));
    assert!(place("Invented data.") < place("<table") && place("<tr class=\"total\">") < place("=cmd()"));
    let link = Link {
        href: "a.html".to_owned(),
        title: "A".to_owned(),
        words: "It is <i>so</i>.".to_owned(),
        others: vec![("a.csv".to_owned(), "CSV".to_owned())],
    };
    let page = index("All", Some("Invented data."), "For DCC", &[link]).expect("a page");
    assert!(page.contains("Invented data.") && page.contains("It is &#60;i&#62;so") && page.contains("href=\"a.csv\""));
}

#[test]
fn columns_are_named_in_the_style_without_ending_it() {
    let style = labels("t", &["A \"b\" </style>", "C"]);
    assert!(style.contains("\\22 b\\22 ") && !style.contains('<'), "{style}");
    assert!(style.contains("#t-t tr > :nth-child(2)::before { content: \"C\"; }"), "{style}");
    assert_eq!([width_class(&[5, 5]), width_class(&[10, 10, 10]), width_class(&[9; 20])], ["", "cards-40", "cards-80"]);
}

#[test]
fn rep_1_a_table_that_is_too_wide_for_a_window_without_cards_has_smaller_print() {
    // What DCC did, with a long "How late" and "By": 1,280 pixels have no room for it in the print of the page.
    let conduct = [22, 16, 4, 15, 80, 18, 40, 6];
    assert!(cards::is_too_wide(&conduct) && width_class(&conduct) == "cards-80");
    assert!(!cards::is_too_wide(&[22, 16, 4, 15, 80, 14, 12, 6]));
}
