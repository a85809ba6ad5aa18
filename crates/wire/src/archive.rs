//! Archives: opening them through limits, and the protected authorisation file.

use crate::finding::FileFinding;
use crate::limits::Limits;
use crate::name::is_helper;
use crate::password::Password;
use crate::source::{Content, Format, Shape, shape, unreadable};
use crate::text::shown;
use sluice_rules::codes::FileCode;
use std::io::{Read, Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;
use zeroize::Zeroizing;
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

/// What an archive is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For the one file in it.
    Archive,
    /// For the parts of a workbook.
    Workbook,
}

/// Opens an archive whose list of members is not longer than the limit. The list is counted before it is read.
pub(crate) fn open<'a>(
    content: &'a mut dyn Content,
    kind: Kind,
    limits: &Limits,
    unreadable: FileCode,
) -> Result<ZipArchive<&'a mut dyn Content>, FileFinding> {
    let (most, what) = match kind {
        Kind::Workbook if !limits.reading.is_earlier() => (limits.workbook_members, "a workbook"),
        _ => (limits.members, "an archive"),
    };
    let hint = limits.reading.hint(|| Some("; it is cut short or damaged: make it again".to_owned()));
    // Its reader's own words help nobody who packed it.
    let refused = |message: String| {
        let words = match (limits.reading.says_all(), kind) {
            (false, _) => format!("it cannot be opened: {message}{hint}"),
            (true, Kind::Archive) => "it cannot be opened, since it is cut short or damaged: make it again".to_owned(),
            (true, Kind::Workbook) => {
                "it cannot be opened, since it is cut short or damaged: save or export it again".to_owned()
            }
        };
        FileFinding::new(unreadable, words)
    };
    let stated = stated_members(content).map_err(|error| refused(error.to_string()))?;
    if stated > most {
        let message = format!("it has {stated} members, more than the {most} that {what} may have");
        return Err(FileFinding::new(FileCode::FI09, message));
    }
    // FI09: the record that says how many can stand anywhere, and say anything; each member is named by an entry.
    if entries(content, limits.entries).map_err(|error| refused(error.to_string()))? > limits.entries {
        let message = format!("its lists name more than the {} members that {what} may have", limits.entries);
        return Err(FileFinding::new(FileCode::FI09, message));
    }
    ZipArchive::new(content).map_err(|error| refused(error.to_string()))
}

/// How many entries of lists of members there are, until they are too many.
fn entries(content: &mut dyn Content, most: u64) -> std::io::Result<u64> {
    const ENTRY: &[u8] = &[b'P', b'K', 1, 2];
    let finder = memchr::memmem::Finder::new(ENTRY);
    let (mut chunk, mut kept, mut found) = (vec![0; 256 << 10], 0, 0);
    while most < u64::MAX && found <= most {
        let length = content.read(&mut chunk[kept..])?;
        if length == 0 {
            break;
        }
        let filled = kept + length;
        found += u64::try_from(finder.find_iter(&chunk[..filled]).count()).unwrap_or(u64::MAX);
        // One that is cut in two is found with what follows it.
        kept = filled.min(ENTRY.len() - 1);
        chunk.copy_within(filled - kept..filled, 0);
    }
    content.rewind()?;
    Ok(found)
}

/// The largest number of members that the end of the archive states, in either form of the format.
fn stated_members(content: &mut dyn Content) -> std::io::Result<u64> {
    const END: [u8; 4] = [b'P', b'K', 5, 6];
    const WIDE_END: [u8; 4] = [b'P', b'K', 6, 6];
    /// The end record, its longest comment, and the records of the wide form before it.
    const TAIL: u64 = 22 + 65_535 + 20 + 56;
    let length = content.seek(SeekFrom::End(0))?;
    content.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    content.take(TAIL).read_to_end(&mut tail)?;
    content.seek(SeekFrom::Start(0))?;
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
    let mut most = 0;
    for window in 0..tail.len() {
        let record = &tail[window..];
        if record.starts_with(&END) && record.len() >= 22 {
            most = most.max(number(&record[10..12]));
        } else if record.starts_with(&WIDE_END) && record.len() >= 56 {
            most = most.max(number(&record[32..40]));
        }
    }
    Ok(most)
}

/// Opens the one member of a protected file and hands it on with its format.
pub(crate) fn member<T>(
    content: &mut dyn Content,
    limits: &Limits,
    password: Option<&Password>,
    read: impl FnOnce(Member<'_>) -> Result<T, FileFinding>,
) -> Result<T, FileFinding> {
    let (mut zip, place) = single(content, limits)?;
    let Listed { kind, encrypted } = listed(&mut zip, place, limits)?;
    let file = match (encrypted, password) {
        (false, _) => zip.by_index(place),
        (true, Some(password)) => {
            let spelling = fitting(&mut zip, place, password);
            zip.by_index_decrypt(place, &spelling)
        }
        (true, None) => return Err(FileFinding::new(FileCode::FI11, "it is protected and no password was given")),
    };
    let file = file.map_err(|error| zip_finding(&error, limits))?;
    if file.size() > limits.inflated || file.compressed_size() > limits.inflated {
        return Err(limits.over_size());
    }
    let mut file = Exact { left: file.size(), inner: file };
    match kind {
        MemberKind::Csv => read(Member::Csv(&mut file)),
        MemberKind::Workbook { macros } => {
            read(Member::Workbook(&mut spool(&mut file, limits, true)?, Format::Workbook { macros }))
        }
    }
}

/// Is the one member of an archive protected?
pub(crate) fn is_encrypted(content: &mut dyn Content, limits: &Limits) -> Result<bool, FileFinding> {
    let (mut zip, place) = single(content, limits)?;
    listed(&mut zip, place, limits).map(|listed| listed.encrypted)
}

/// MAM-10: the spelling of a password that opens a member, or its first one where none does.
fn fitting(zip: &mut ZipArchive<&mut dyn Content>, place: usize, password: &Password) -> Zeroizing<Vec<u8>> {
    let mut spellings = password.spellings();
    let mut wrong = |spelling: &[u8]| matches!(zip.by_index_decrypt(place, spelling), Err(ZipError::InvalidPassword));
    let fits = if spellings.len() > 1 { spellings.iter().position(|bytes| !wrong(bytes)) } else { None };
    spellings.swap_remove(fits.unwrap_or_default())
}

/// A member that was opened: its plain bytes, which can be read like a file that was sent so. A large one goes to a
/// temporary file without a name.
#[derive(Debug)]
pub struct Opened {
    /// What it is to be read as: `csv`, `xlsx` or `xlsm`.
    pub extension: &'static str,
    content: SpooledTempFile,
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.content.read(buffer)
    }
}

impl Seek for Opened {
    fn seek(&mut self, place: SeekFrom) -> std::io::Result<u64> {
        self.content.seek(place)
    }
}

/// Opens the one member of an archive for good.
pub(crate) fn opened(
    content: &mut dyn Content,
    limits: &Limits,
    password: Option<&Password>,
) -> Result<Opened, FileFinding> {
    member(content, limits, password, |member| match member {
        Member::Csv(text) => Ok(Opened { extension: "csv", content: spool(text, limits, false)? }),
        Member::Workbook(content, format) => {
            let extension = if format == (Format::Workbook { macros: true }) { "xlsm" } else { "xlsx" };
            Ok(Opened { extension, content: std::mem::replace(content, SpooledTempFile::new(0)) })
        }
    })
}

/// An archive with the place of its only member. What systems and office programs leave beside it is passed over.
fn single<'a>(
    content: &'a mut dyn Content,
    limits: &Limits,
) -> Result<(ZipArchive<&'a mut dyn Content>, usize), FileFinding> {
    let directory = open(content, Kind::Archive, limits, FileCode::FI10)?.central_directory_start();
    let members = listed_members(content, directory).map_err(|error| unreadable(&error))?;
    let zip = open(content, Kind::Archive, limits, FileCode::FI10)?;
    let names: Vec<String> =
        zip.file_names().map(|name| name.map_or_else(|_| "?".to_owned(), |name| name.into_owned())).collect();
    let passed_over = |name: &str| !limits.reading.is_earlier() && is_helper_member(name);
    let files: Vec<usize> =
        names.iter().enumerate().filter(|(_, name)| !passed_over(name)).map(|(place, _)| place).collect();
    // FI10: one file by the list itself, whatever its end says and however often a name stands in it.
    let &[place] = files.as_slice() else {
        return Err(not_one(members.saturating_sub(names.len() - files.len()), &names, &files, limits));
    };
    if names.len() != members {
        return Err(not_one(members, &names, &files, limits));
    }
    Ok((zip, place))
}

/// Is a member what a system packs beside a file, such as `__MACOSX/._name` or `Thumbs.db`?
fn is_helper_member(name: &str) -> bool {
    let mut steps = name.split(['/', '\\']);
    steps.next().is_some_and(|first| first == "__MACOSX") || name.rsplit(['/', '\\']).next().is_some_and(is_helper)
}

/// FI10: an archive with none or more files than one, which are listed.
fn not_one(count: usize, names: &[String], files: &[usize], limits: &Limits) -> FileFinding {
    // A folder is packed as a member of its own beside what lies in it.
    let (folders, inner): (Vec<&str>, Vec<&str>) =
        files.iter().map(|place| &*names[*place]).partition(|name| name.ends_with(['/', '\\']));
    match (&inner[..], folders.first()) {
        ([file], Some(_)) if limits.reading.says_all() && has_path(file) => return in_folder(file),
        ([file], Some(folder)) if limits.reading.says_all() => {
            let (file, folder) = (shown(file), shown(folder));
            return unsupported(format!("beside its file '{file}' is a folder, '{folder}'; pack the file alone"));
        }
        ([], Some(folder)) if limits.reading.says_all() => return in_folder(folder),
        _ => {}
    }
    let listed = || {
        let listed: Vec<String> = files.iter().take(5).map(|place| format!("'{}'", shown(&names[*place]))).collect();
        let more = if files.len() > listed.len() { " and more" } else { "" };
        let workbook = names.iter().any(|name| name == "[Content_Types].xml");
        let workbook = if workbook { "; this is a workbook, so name it .xlsx" } else { "" };
        (!files.is_empty()).then(|| format!(". In it are {}{more}{workbook}", listed.join(", ")))
    };
    let hint = limits.reading.hint(listed);
    unsupported(format!("it has {count} members; send an archive with exactly one file{hint}"))
}

/// Does the name of a member lead into a folder, or out of one?
fn has_path(name: &str) -> bool {
    name.contains(['/', '\\', '\0']) || name.contains("..") || name.contains(':')
}

/// FI10: the file lies in a folder of the archive, or there is nothing but a folder.
fn in_folder(name: &str) -> FileFinding {
    if name.ends_with(['/', '\\']) {
        return unsupported(format!("in it is no file but a folder, '{}'; pack the file itself", shown(name)));
    }
    unsupported(format!("its file '{}' lies in a folder; open the folder and pack the file itself", shown(name)))
}

/// What the list of an archive says of its one member.
struct Listed {
    kind: MemberKind,
    encrypted: bool,
}

enum MemberKind {
    Csv,
    Workbook { macros: bool },
}

/// FI10: a file of a supported kind, without a path, protected in a supported way or not at all.
fn listed(zip: &mut ZipArchive<&mut dyn Content>, place: usize, limits: &Limits) -> Result<Listed, FileFinding> {
    let aes = zip.get_aes_verification_key_and_salt(place);
    let raw = zip.by_index_raw(place).map_err(|error| zip_finding(&error, limits))?;
    let name = raw.name().map_err(|error| zip_finding(&error, limits))?.into_owned();
    let encrypted = raw.encrypted();
    if has_path(&name) {
        if limits.reading.says_all() && name.contains(['/', '\\']) && !name.contains("..") {
            return Err(in_folder(&name));
        }
        let message = format!("its member '{}' has a path; pack the file itself, without folders", shown(&name));
        return Err(unsupported(message));
    }
    let kind = match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("csv") => MemberKind::Csv,
        Some("xlsx") => MemberKind::Workbook { macros: false },
        Some("xlsm") => MemberKind::Workbook { macros: true },
        _ => {
            return Err(unsupported(format!("its member '{}' is not a .csv, .xlsx or .xlsm file", shown(&name))));
        }
    };
    match aes {
        Ok(Some(info)) if info.aes_mode == zip::AesMode::Aes256 => {}
        _ if encrypted => {
            let hint = limits.reading.hint(|| Some(" (7-Zip: encryption method AES-256, not ZipCrypto)".to_owned()));
            return Err(unsupported(format!("its encryption is not supported; protect it with AES-256{hint}")));
        }
        _ => {}
    }
    // FI10: only what every archiver can unpack.
    match unpackable(&raw).filter(|_| !limits.reading.is_earlier()) {
        Some(method) => Err(unsupported(format!(
            "its member '{}' is packed by {method}, which is not supported; pack it with the method Deflate (7-Zip: archive format zip, compression method Deflate)",
            shown(&name)
        ))),
        None => Ok(Listed { kind, encrypted }),
    }
}

/// The method by which a member is packed, if it is none that can be unpacked here.
pub(crate) fn unpackable<R: Read>(member: &ZipFile<'_, R>) -> Option<String> {
    let method = member.compression();
    let known = matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated);
    (!known).then(|| method.to_string())
}

fn unsupported(message: String) -> FileFinding {
    FileFinding::new(FileCode::FI10, message)
}

/// A member that must be as long as the archive says.
struct Exact<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let left = self.left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX));
        let ended = length == 0 && !buffer.is_empty();
        self.left = left
            .filter(|&left| !ended || left == 0)
            .ok_or_else(|| std::io::Error::other("the member is not as long as the archive says"))?;
        Ok(length)
    }
}

/// The members in the list of an archive that begins at a place.
fn listed_members(content: &mut dyn Content, directory: u64) -> std::io::Result<usize> {
    const LISTED: [u8; 4] = [b'P', b'K', 1, 2];
    const HEADER: usize = 46;
    content.seek(SeekFrom::Start(directory))?;
    let mut header = [0; HEADER];
    let mut members = 0;
    while content.read_exact(&mut header).is_ok() && header.starts_with(&LISTED) {
        members += 1;
        let length = |place: usize| i64::from(u16::from_le_bytes([header[place], header[place + 1]]));
        content.seek_relative(length(28) + length(30) + length(32))?;
    }
    content.seek(SeekFrom::Start(0))?;
    Ok(members)
}

/// The member of a protected file.
pub(crate) enum Member<'a> {
    /// Text, as it is inflated.
    Csv(&'a mut dyn Read),
    /// A workbook, which has to be turned back and forth.
    Workbook(&'a mut SpooledTempFile, Format),
}

/// FI12 for what a password does not open or what is damaged, FI10 for what is not supported.
fn zip_finding(error: &ZipError, limits: &Limits) -> FileFinding {
    match error {
        ZipError::InvalidPassword => {
            let hint = limits.reading.hint(|| Some("; try it on your own copy, and mind blanks behind it".to_owned()));
            FileFinding::new(FileCode::FI12, format!("the password does not open it{hint}"))
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            let why = match limits.reading.says_all() {
                true => {
                    "it is packed or protected in a way that is not supported; pack it as ZIP, with AES-256".to_owned()
                }
                false => error.to_string(),
            };
            unsupported(format!("its member cannot be opened: {why}"))
        }
        _ => damaged(error, limits),
    }
}

/// FI12: a member that cannot be read to its end.
fn damaged(error: &dyn std::fmt::Display, limits: &Limits) -> FileFinding {
    let hint = limits.reading.hint(|| Some("; make the archive again".to_owned()));
    if limits.reading.says_all() {
        return FileFinding::new(
            FileCode::FI12,
            "it is damaged: what is in it is not what was packed; make the archive again",
        );
    }
    FileFinding::new(FileCode::FI12, format!("it is damaged: {error}{hint}"))
}

/// What of a member is held in memory; the rest goes to a temporary file without a name.
const IN_MEMORY: usize = 8 << 20;

/// What a member is that is named as a workbook and is none.
fn hint_of_member(member: &mut SpooledTempFile) -> Option<String> {
    let compound = shape(member).ok()? == Shape::Compound;
    compound.then(|| {
        "; it is an old or a password-protected workbook: save it as .xlsx without a password, and protect the archive"
            .to_owned()
    })
}

/// A member in a place where it can be read back and forth, through the limit.
fn spool(file: &mut dyn Read, limits: &Limits, workbook: bool) -> Result<SpooledTempFile, FileFinding> {
    let failed = |error: std::io::Error| damaged(&error, limits);
    let unkept = |error: std::io::Error| {
        // FI24: that is no fault of the file's.
        let words = format!(
            "what is in it finds no room while it is read: {error}; make room in the folder for temporary files"
        );
        FileFinding::new(FileCode::FI24, words)
    };
    let mut spooled = SpooledTempFile::new(IN_MEMORY);
    let mut buffer = vec![0; 64 << 10];
    let mut inflated = 0_u64;
    loop {
        let length = file.read(&mut buffer).map_err(failed)?;
        if length == 0 {
            break;
        }
        inflated += u64::try_from(length).unwrap_or(u64::MAX);
        if inflated > limits.inflated {
            return Err(limits.over_size());
        }
        spooled.write_all(&buffer[..length]).map_err(unkept)?;
        // What does not begin like a workbook is not one, however long it goes on.
        if workbook
            && inflated == u64::try_from(length).unwrap_or(u64::MAX)
            && shape(&mut spooled).map_err(unkept)? != Shape::Container
        {
            let hint = limits.reading.hint(|| hint_of_member(&mut spooled));
            let message = format!("its member is named as a workbook, but is not one{hint}");
            return Err(FileFinding::new(FileCode::FI02, message));
        }
        spooled.seek(SeekFrom::End(0)).map_err(unkept)?;
    }
    spooled.seek(SeekFrom::Start(0)).map_err(unkept)?;
    Ok(spooled)
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
