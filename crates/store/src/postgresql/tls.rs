//! Whether and how a connection is encrypted: `sslmode` and `sslrootcert` as libpq defines them, with two differences. What
//! could go over a network in the clear is refused, and there the server's name is checked unless something else is asked for.

use super::environment::Environment;
use crate::error::StoreError;
use postgres::config::Host;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Disable,
    Allow,
    Prefer,
    /// Encrypted; the certificate is checked only if there is a root to check it with.
    Require,
    /// The certificate is of an authority that is known.
    VerifyCa,
    /// And it is of the host that the address names.
    VerifyFull,
}

impl Mode {
    pub(crate) const WORDS: &str = "sslmode is disable, allow, prefer, require, verify-ca or verify-full";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// `sslrootcert`: whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// Those of the authorities that the machine trusts.
    System,
    /// Those in a file, in PEM.
    File(PathBuf),
}

impl Root {
    pub(crate) fn of(value: PathBuf) -> Self {
        if value.as_os_str() == "system" { Self::System } else { Self::File(value) }
    }
}

/// How to connect.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// By a socket of this machine.
    Socket,
    /// Within this machine, in the clear.
    Plain,
    /// Within this machine, encrypted if the server can.
    Either(Box<ClientConfig>),
    /// Encrypted.
    Encrypted(Box<ClientConfig>),
}

/// How to connect to these hosts.
///
/// # Errors
/// [`StoreError::Access`] if that would be in the clear beyond this machine, or what should be trusted is not said or cannot be
/// read.
pub(crate) fn way(
    hosts: &[Host],
    mode: Option<Mode>,
    root: Option<&Root>,
    environment: &Environment,
) -> Result<Way, StoreError> {
    let is_socket = |host: &Host| !matches!(host, Host::Tcp(_));
    let near = hosts.iter().all(stays_here);
    if hosts.iter().any(is_socket) {
        return if near { Ok(Way::Socket) } else { Err(access("a socket and a host elsewhere need an address each")) };
    }
    let mode = match (mode, &environment.sslmode) {
        (None, Some(word)) => Some(word.to_str().and_then(Mode::parse).ok_or_else(|| access(Mode::WORDS))?),
        (mode, _) => mode,
    };
    let root = root.cloned().or_else(|| environment.sslrootcert.clone().map(|value| Root::of(value.into())));
    let mode = mode.unwrap_or(if near && root.is_none() { Mode::Disable } else { Mode::VerifyFull });
    match mode {
        Mode::Disable | Mode::Allow | Mode::Prefer if !near => Err(access(
            "sslmode disable, allow and prefer may send passwords and data in the clear, and the server is not on this machine; \
             leave sslmode out or write sslmode=verify-full, with sslrootcert=FILE or sslrootcert=system",
        )),
        Mode::Disable => Ok(Way::Plain),
        Mode::Allow | Mode::Prefer => Ok(Way::Either(Box::new(client(Trust::Anybody)?))),
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => {
            Ok(Way::Encrypted(Box::new(client(trust(mode, root, environment)?)?)))
        }
    }
}

fn access(words: &str) -> StoreError {
    StoreError::Access(words.to_owned())
}

/// Whether what is sent to a host stays on this machine.
fn stays_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|number| number.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Whose certificate is taken.
enum Trust {
    Anybody,
    /// Of a host under one of these authorities, whatever its name.
    Authority(RootCertStore),
    /// Of the host that is connected to.
    Host(RootCertStore),
}

fn trust(mode: Mode, root: Option<Root>, environment: &Environment) -> Result<Trust, StoreError> {
    let of_home =
        || environment.home.as_ref().map(|home| home.join(".postgresql/root.crt")).filter(|file| file.is_file());
    let root = root.or_else(|| of_home().map(Root::File));
    match (mode, root) {
        (Mode::VerifyFull, Some(Root::System)) => Ok(Trust::Host(of_the_system()?)),
        (_, Some(Root::System)) => {
            // Anybody gets a certificate of some public authority.
            Err(access("sslrootcert=system needs sslmode=verify-full; leave sslmode out, or name the authority's file"))
        }
        (Mode::VerifyFull, Some(Root::File(file))) => Ok(Trust::Host(of_file(&file)?)),
        (_, Some(Root::File(file))) => Ok(Trust::Authority(of_file(&file)?)),
        (Mode::Require, None) => Ok(Trust::Anybody),
        (_, None) => Err(access(
            "the server's certificate is checked, and nothing says whose is trusted; add sslrootcert=FILE with the \
             certificate of its authority, or sslrootcert=system",
        )),
    }
}

fn of_file(file: &std::path::Path) -> Result<RootCertStore, StoreError> {
    let wrong = |words: &str| access(&format!("sslrootcert {} {words}", file.display()));
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| wrong(&format!("is not in PEM: {error}")))?;
        roots.add(certificate).map_err(|error| wrong(&format!("holds what is no certificate: {error}")))?;
    }
    if roots.is_empty() { Err(wrong("holds no certificate")) } else { Ok(roots) }
}

fn of_the_system() -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let none = "this machine trusts no authority; install its certificates, or write sslrootcert=FILE";
    if roots.is_empty() { Err(access(none)) } else { Ok(roots) }
}

fn client(trust: Trust) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Other(error.to_string()))?;
    let roots = match trust {
        Trust::Host(roots) => return Ok(builder.with_root_certificates(roots).with_no_client_auth()),
        Trust::Authority(roots) => Some(roots),
        Trust::Anybody => None,
    };
    let nameless = Arc::new(Nameless { roots, provider });
    Ok(builder.dangerous().with_custom_certificate_verifier(nameless).with_no_client_auth())
}

/// Takes a certificate whatever name it is of; with roots, only one under them.
#[derive(Debug)]
struct Nameless {
    roots: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Nameless {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            let certificate = ParsedCertificate::try_from(certificate)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, between, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
