use super::*;
use jiff::civil::date;

fn rulebook(id: &str, version: &str, in_effect: Date, dmin: u64) -> Rulebook {
    let dmin = Parameter {
        name: "dmin".to_owned(),
        rule: "MSM-4".to_owned(),
        value: Value::Number(dmin),
        unit: "installations a day".to_owned(),
        standing: Standing::Stated,
        source: "a source".to_owned(),
    };
    Rulebook {
        id: id.to_owned(),
        document: Document::Msm,
        version: version.to_owned(),
        published: None,
        in_effect,
        attachments: Vec::new(),
        parameters: vec![dmin],
    }
}

#[test]
fn rb_1_a_parameter_is_found_by_name_and_kind() {
    let rulebook = rulebook("msm-4.0", "4.0", date(2021, 1, 4), 100);
    assert_eq!(rulebook.number("dmin"), Ok(100));
    assert!(rulebook.list("dmin").is_err());
    assert_eq!(rulebook.number("dmax").unwrap_err().to_string(), "rulebook msm-4.0 has no usable parameter dmax");
}

#[test]
fn rb_2_the_last_to_come_into_effect_governs_from_that_day_on() {
    let books = [rulebook("msm-5.0", "5.0", date(2021, 7, 2), 100), rulebook("msm-4.0", "4.0", date(2021, 1, 4), 100)];
    let id = |date| in_effect(&books, Document::Msm, date).map(|book| book.id.as_str());
    assert_eq!(id(date(2021, 1, 3)), None);
    assert_eq!(id(date(2021, 1, 4)), Some("msm-4.0"));
    assert_eq!(id(date(2021, 7, 1)), Some("msm-4.0"));
    assert_eq!(id(date(2021, 7, 2)), Some("msm-5.0"));
    assert_eq!(in_effect(&books, Document::Mam, date(2021, 7, 2)), None);
}

#[test]
fn rb_3_shows_the_difference_parameter_by_parameter() {
    let first = rulebook("msm-4.0", "4.0", date(2021, 1, 4), 100);
    let mut second = rulebook("msm-5.0", "5.0", date(2021, 1, 4), 120);
    second.parameters.push(Parameter { name: "new".to_owned(), ..first.parameters[0].clone() });
    let names: Vec<_> = differences(&first, &second).into_iter().map(|line| line.name).collect();
    assert_eq!(names, ["version", "dmin", "new"]);
    assert_eq!(differences(&first, &first), []);
}
