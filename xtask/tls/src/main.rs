//! Does what its arguments say, one after the other, and tells a line about each. A panic ends it, as it would end any program.

#[cfg(feature = "upcloud")]
mod ours;

fn main() {
    for step in std::env::args().skip(1) {
        let said = match step.as_str() {
            #[cfg(feature = "rustls-ring")]
            "install-ring" => {
                rustls::crypto::ring::default_provider().install_default().expect("none was installed before");
                "done".to_owned()
            }
            #[cfg(feature = "rustls")]
            "ClientConfig" => {
                drop(rustls::ClientConfig::builder());
                "done".to_owned()
            }
            #[cfg(feature = "rustls")]
            "ServerConfig" => {
                drop(rustls::ServerConfig::builder());
                "done".to_owned()
            }
            #[cfg(feature = "reqwest")]
            "reqwest" => {
                drop(reqwest::Client::new());
                "done".to_owned()
            }
            #[cfg(feature = "upcloud")]
            "http" => ours::http(),
            #[cfg(feature = "upcloud")]
            "https" => ours::https(),
            _ => panic!("this program cannot do {step}"),
        };
        println!("{step}: {said}");
    }
}
