//! Options of every command with a database, which may stand anywhere: `sluice --database URL week show MONDAY`.

use std::ffi::{OsStr, OsString};

/// They take a value.
const VALUED: [&str; 3] = ["--database", "--now", "--token-file"];

/// And this one takes none.
const FLAG: &str = "--json";

/// The arguments with these options behind all others, where their command knows them; what follows `--` stays at the end.
pub fn behind(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter();
    let (mut others, mut options) = (Vec::new(), Vec::new());
    let mut rest = None;
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            rest = Some(argument);
            break;
        }
        let valued = VALUED.iter().any(|option| argument == *option);
        if valued {
            options.push(argument);
            options.extend(arguments.next());
        } else if argument == FLAG || has_its_value(&argument) {
            options.push(argument);
        } else {
            others.push(argument);
        }
    }
    others.extend(options);
    others.extend(rest);
    others.extend(arguments);
    others
}

/// Is it one of the options with its value, as in `--now=…`?
fn has_its_value(argument: &OsStr) -> bool {
    let name = argument.to_str().and_then(|text| text.split_once('=')).map(|(name, _)| name);
    name.is_some_and(|name| VALUED.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        let words = behind(line.split(' ').map(OsString::from));
        words.join(OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn options_stand_in_any_place() {
        for line in [
            "sluice --database a.db --json week show M",
            "sluice week --database a.db --json show M",
            "sluice week show --database a.db --json M",
            "sluice week show M --database a.db --json",
        ] {
            assert_eq!(said(line), "sluice week show M --database a.db --json");
        }
        assert_eq!(said("sluice --now=T stop list --by ruth"), "sluice stop list --by ruth --now=T");
    }

    #[test]
    fn what_is_no_option_stays_where_it_is() {
        assert_eq!(said("sluice --token-file f submit -- --json"), "sluice submit --token-file f -- --json");
        assert_eq!(said("sluice stop list --now"), "sluice stop list --now");
    }
}
