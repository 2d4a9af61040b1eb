//! TLS by rustls, with the meanings of libpq's `sslmode`.
//!
//! `require` encrypts and trusts any certificate, unless `sslrootcert` is given: then it is
//! `verify-ca`, which wants one signed by a trusted authority. `verify-full` also wants it to be for
//! the host of the URL. Without `sslrootcert` the authorities of the operating system are trusted.

use super::connect::{Started, open};
use crate::driver::{PostgresTarget, SslMode};
use orm_core::error::{Error, ErrorKind, Result};
use postgres::{Client, Config};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connects, encrypted as the target demands.
pub(super) fn start(config: &Config, target: &PostgresTarget) -> Result<Client, Started> {
    match connector(target).map_err(Started::Tls)? {
        Some(connector) => open(config, connector),
        None => open(config, postgres::NoTls),
    }
}

/// What a connection to a target is encrypted by; none where it is not.
pub(super) fn connector(target: &PostgresTarget) -> Result<Option<MakeRustlsConnect>> {
    let socket = target.host.as_deref().is_some_and(|host| host.starts_with('/'));
    if socket || target.ssl_mode == SslMode::Disable {
        return Ok(None);
    }
    client_config(target).map(|config| Some(MakeRustlsConnect::new(config)))
}

fn client_config(target: &PostgresTarget) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let check = match (target.ssl_mode, &target.ssl_root_cert) {
        (SslMode::VerifyFull, _) => Check::AuthorityAndHost,
        (SslMode::VerifyCa, _) | (SslMode::Require, Some(_)) => Check::Authority,
        (SslMode::Disable | SslMode::Prefer | SslMode::Require, _) => Check::Nothing,
    };
    let authorities = match check {
        Check::Nothing => None,
        Check::Authority | Check::AuthorityAndHost => {
            let roots = match &target.ssl_root_cert {
                Some(file) => roots_of(file)?,
                None => system_roots()?,
            };
            let verifier =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            Some(verifier.build().map_err(|cause| {
                tls("the trusted certificates can't be used").with_source(cause)
            })?)
        }
    };
    let verifier = Arc::new(Verifier { check, authorities, provider: Arc::clone(&provider) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| tls("TLS could not be made ready").with_source(cause))?;
    Ok(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn tls(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Tls, message)
}

fn roots_of(file: &Path) -> Result<RootCertStore> {
    let unreadable =
        || tls(format!("the certificates of sslrootcert {} can't be read", file.display()));
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(file).map_err(|cause| unreadable().with_source(cause))?
    {
        let certificate = certificate.map_err(|cause| unreadable().with_source(cause))?;
        roots.add(certificate).map_err(|cause| unreadable().with_source(cause))?;
    }
    if roots.is_empty() {
        return Err(tls(format!("sslrootcert {} holds no certificate", file.display())));
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(tls(
            "the operating system has no trusted certificates; name a file of them by sslrootcert",
        ));
    }
    Ok(roots)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Nothing,
    Authority,
    AuthorityAndHost,
}

/// Checks the server's certificate as far as was asked for, and its signatures always.
#[derive(Debug)]
struct Verifier {
    check: Check,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        match authorities.verify_server_cert(certificate, intermediates, host, ocsp, now) {
            // the authority was found good before the name was looked at
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Authority => Ok(ServerCertVerified::assertion()),
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
