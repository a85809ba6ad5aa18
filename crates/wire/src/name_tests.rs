use super::*;

fn parse(name: &str) -> Result<FileName, FileCode> {
    FileName::parse(name).map(|(name, _)| name).map_err(|finding| finding.code)
}

#[test]
fn fi01_dccs_sample_is_read_with_either_separator_in_any_case() {
    let sample = parse("DC-AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121.csv").unwrap();
    assert_eq!(sample.kind, FileKind::DemandCommitment);
    assert_eq!(sample.to_string(), "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121");
    for other in
        ["DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121.xlsx", "dc-aaa123_70-b3-d5-1f-30-00-a0-08_cgi_20190121.CSV"]
    {
        assert_eq!(parse(other), Ok(sample), "{other}");
    }
}

#[test]
fn fi01_every_kind_is_read_and_written() {
    for name in [
        "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726",
        "DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726",
        "DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726_v2",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000",
        "MAPASSWORD_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000",
        "MAR_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000_v3",
        "ELIG_CGI_70-B3-D5-1F-30-00-A0-08_20210720",
        "HOLD_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000",
        "DMMS_CGI_70-B3-D5-1F-30-00-A0-08_20210726",
        "DMMSR_CGI_70-B3-D5-1F-30-00-A0-08_20210726",
        "SCHED_CGI_20210727_v1",
        "STOPLIST_CGI_20210727_101500",
        "OUTCOME_CGI_20210727_101500",
    ] {
        assert_eq!(parse(&format!("{name}.csv")).map(|name| name.to_string()), Ok(name.to_owned()));
    }
}

#[test]
fn fi01_nothing_else_is_a_name() {
    let long = format!("DC_{}.csv", "A".repeat(4096));
    for name in [
        "",
        ".csv",
        "demand.csv",
        "DC.csv",
        "../DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv",
        "DC_../AAA_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv",
        "DC_AAA123_70B3D51F3000A008_CGI_20210726.csv",
        "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_2021-07-26.csv",
        "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726_v1.csv",
        "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI.csv",
        "DC_AAA\u{202e}123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv",
        "DC_\u{410}AA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv",
        "DC_AAA\n123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20210720_0930.csv",
        &long,
    ] {
        assert_eq!(parse(name), Err(FileCode::FI01), "{name}");
    }
}

#[test]
fn fi05_a_date_must_exist_and_a_week_begin_on_monday() {
    for name in [
        "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210727.csv",
        "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210231.csv",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20211320_093000.csv",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20210720_246000.csv",
    ] {
        assert_eq!(parse(name), Err(FileCode::FI05), "{name}");
    }
}

#[test]
fn fi01_the_message_is_fit_to_be_shown() {
    let finding = FileName::parse("DC_\u{1b}[2J.csv").unwrap_err();
    assert!(!finding.message.contains('\u{1b}'), "{}", finding.message);
}

#[test]
fn a_version_is_written_as_it_is_read() {
    let name = parse("MA_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000.zip").unwrap();
    let response = name.of_kind(FileKind::AuthorisationResponse).with_version(3);
    assert_eq!(response.to_string(), "MAR_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000_v3");
    assert_eq!(parse(&format!("{response}.csv")), Ok(response));
}

#[test]
fn mam_10_whatever_begins_like_a_password_is_treated_as_one() {
    for name in [
        "MAPASSWORD_CGI_70-B3-D5-1F-30-00-A0-08_20210721_165800.txt",
        "MAPASSWORD_CGI_70-B3-D5-1F-30-00-A0-08_20210721_165800 (1).txt",
        "mapassword.docx",
        " MaPassWord-for-you",
        "MAPASSWORD",
    ] {
        assert!(may_be_password(name), "{name}");
    }
    for name in ["MA_CGI_70-B3-D5-1F-30-00-A0-08_20210721_165800.zip", "MAPASSWOR", "", "Ünicode", "xMAPASSWORD"] {
        assert!(!may_be_password(name), "{name}");
    }
}

#[test]
fn fi01_what_differs_is_named_beside_a_right_name() {
    for (name, words) in [
        ("DC_AAA123_CGI_20210726.csv", "its User ID (eight pairs with hyphens) is missing"),
        ("DC_AAA123_70B3D51F3000A008_CGI_20210726.csv", "'70B3D51F3000A008' is no User ID"),
        ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_26.07.2021.csv", "'26.07.2021' is no Monday of a week"),
        ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726 (1).csv", "'20210726 (1)' is no Monday of a week"),
        ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726_new.csv", "'new' behind it is too much"),
        ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI.csv", "its Monday of a week (yyyymmdd) is missing"),
        ("MA_CGI_70-B3-D5-1F-30-00-A0-08_20210719_0930.csv", "'0930' is no time of day (hhmmss)"),
        ("DC.csv", "its party (1 to 16 letters and digits) is missing"),
        ("DC_A A_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv", "'A A' is no party"),
        ("DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726_2.csv", "'2' is no version"),
        ("DC__AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv", "it is not DC_<party>"),
    ] {
        let message = FileName::parse(name).unwrap_err().message;
        assert!(message.contains(words), "{message}");
        assert!(message.contains("A right name is "), "{message}");
    }
    let message = FileName::parse("demand.csv").unwrap_err().message;
    assert!(message.starts_with("'demand.csv' begins with 'demand', which is no kind of file"), "{message}");
}

#[test]
fn fi01_a_part_is_named_only_where_it_is_certain_which() {
    let id = "70-B3-D5-1F-30-00-A0-08";
    for (name, words) in [
        ("DC_AAA123_ID_20210726", "its S1SP (1 to 16 letters and digits) is missing."),
        ("DC_AAA123_ID__20210726", "its S1SP (1 to 16 letters and digits) is missing."),
        ("OUTCOME_20210726_183000", "its S1SP (1 to 16 letters and digits) is missing."),
        ("MA_ID_20210719_093000", "its S1SP (1 to 16 letters and digits) is missing."),
        ("MA_CGI_ID_093000", "its date (yyyymmdd) is missing."),
        ("DC-AAA123-ID-CGI-20210726", "its parts must be joined by underscores (_)."),
        ("DC_AA-ID-CGI_20210726", "its parts must be joined by underscores (_)."),
        ("MA_CGI_ID_20210719-093000", "its parts must be joined by underscores (_)."),
        ("OUTCOME_CGI-20210726-183000", "its parts must be joined by underscores (_)."),
        ("OUTCOME_CGI_2021-07-26_183000", "'2021-07-26' is no date (yyyymmdd)."),
        ("MA_AAA123_ID_CGI_20210719_093000", "it is not MA_<S1SP>"),
        ("DC_CGI_20210726", "it is not DC_<party>"),
        ("DC_123456_ID_CGI", "its Monday of a week (yyyymmdd) is missing."),
        ("DC_ID_CGI_20210726_AAA123", "its parts stand in another order than DC_<party>"),
        ("DC_AAA123_CGI_ID_20210726", "its parts stand in another order than DC_<party>"),
        ("MA_CGI_ID_093000_20210719", "its parts stand in another order than MA_<S1SP>"),
        ("DC_A_B_C_D_E_F_G_H_I", "it is not DC_<party>"),
    ] {
        let name = name.replace("ID", id) + ".csv";
        let message = FileName::parse(&name).unwrap_err().message;
        assert!(message.starts_with(&format!("'{name}': {words}")), "{message}");
        assert!(message.contains("A right name is "), "{message}");
    }
}

#[test]
fn fi01_the_right_names_are_right() {
    for kind in FileKind::ALL {
        assert_eq!(FileName::parse(&differs::example(*kind)).map(|(name, _)| name.kind), Ok(*kind));
    }
}

#[test]
fn fi01_older_acts_have_the_words_of_their_time() {
    let brief = Reading::of_engine(7);
    let message = FileName::parse_as(brief, "DC_AAA123_CGI_20210726.csv").unwrap_err().message;
    assert!(message.contains("is not of the form DC_<party>"), "{message}");
    let message = FileName::parse_as(brief, "demand.csv").unwrap_err().message;
    assert!(message.contains("does not begin with one of DC"), "{message}");
}
