//! `serve`: follows the parent, serves the townships and the console, until told to stop.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;
use tongpin_console::doctor;
use tongpin_console::duty::Duty;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle::{Lifecycle, LifecycleError};
use tongpin_console::net;
use tongpin_console::output::Output;
use tongpin_console::web::{self, Front, Program, Signed, Web};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_link::admin::{Claim, Serving};
use tongpin_link::error::chain;
use tongpin_link::tls::{Limits, PageTls, plain_pages, secure_pages};
use tongpin_link::{downlink, uplink};

use crate::failure::Failure;
use crate::guidance;
use crate::office::Office;
use crate::shown::{self, Shown, say};
use crate::web as pages;
use crate::{ahead, api, page, scoring, worker};

/// Where to listen.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node serve
  tongpin-node serve --listen 10.1.2.3:7402 --page off
第一次 Ctrl-C 或 SIGTERM：做完手上的事再停；第二次：立即停。")]
pub(crate) struct Args {
    /// 乡镇连接的地址；端口写 0 表示任取一个
    #[arg(long, value_name = "地址")]
    listen: Option<String>,
    /// 管理页面地址，或 off
    #[arg(long, value_name = "地址")]
    page: Option<String>,
}

#[derive(Serialize)]
struct Told {
    ready: bool,
    region: RegionCode,
    listen: String,
    page: Option<String>,
    /// Makes the first administrator, as long as there is none.
    setup_code: Option<String>,
    parent: String,
}

/// Runs until a signal comes, or until a part of it fails.
///
/// # Errors
/// Another `serve` runs on the folder, a port is taken, or a part of it fails.
pub(crate) async fn run(office: &Office, args: Args) -> Result<Exit, Failure> {
    let claim = Claim::take(&office.data)?;
    net::raise_file_limit();
    let mut lifecycle = Lifecycle::new().map_err(|error| failed(&error))?;
    let listener = bind(args.listen.as_ref().unwrap_or(&office.settings.listen)).await?;
    let page_address = args.page.as_ref().unwrap_or(&office.settings.page).trim();
    let page_listener = match page_address {
        "" | "off" => None,
        address => Some(bind(address).await?),
    };
    let tls = page_tls(office)?;
    let page_at = page_listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let warning = page_at.filter(|_| tls.is_none()).and_then(|at| net::plain_page_warning(at, office.output.lang));
    let scheme = if tls.is_some() { "https" } else { "http" };
    let page_at = page_at.map(|at| format!("{scheme}://{at}/"));
    let listen = listener.local_addr()?;
    let token = lifecycle.token();
    let (_, serving) = downlink::serve(office.site.clone(), listener, token.clone());
    lifecycle.spawn("downlink", async move { serving.await.map_err(|error| chain(&error)) });
    let (site, watching) = (office.site.clone(), token.clone());
    lifecycle.spawn("watch", async move {
        site.watch_database(watching).await;
        Ok::<(), String>(())
    });
    let (site, parent, following) = (office.site.clone(), office.parent.clone(), token.clone());
    lifecycle.spawn("uplink", async move {
        Box::pin(uplink::follow(site, parent, following)).await;
        Ok::<(), String>(())
    });
    let (working, stopping) = (office.clone(), token.clone());
    lifecycle.spawn("auto_submit", async move {
        worker::submit_by_itself(working, stopping).await;
        Ok::<(), String>(())
    });
    let (scoring, stopping) = (office.clone(), token.clone());
    lifecycle.spawn("scores", async move {
        scoring::behind::keep_up(scoring, stopping).await;
        Ok::<(), String>(())
    });
    let web = console(office).await?;
    if page_listener.is_some() {
        let (reading, stopping) = (office.clone(), token.clone());
        lifecycle.spawn("read_ahead", async move {
            ahead::read_ahead(reading, stopping).await;
            Ok::<(), String>(())
        });
    }
    let setup_code = page_listener.as_ref().and_then(|_| web.setup_code().map(str::to_owned));
    match (page_listener, tls) {
        (Some(listener), Some(tls)) => {
            let fresh = tls.clone().keep_fresh(token.clone());
            lifecycle.spawn("page certificate", async move {
                fresh.await;
                Ok::<(), String>(())
            });
            let address = listener.local_addr()?;
            let incoming = secure_pages(listener, tls, Limits::default(), token.clone());
            lifecycle.spawn("console", served(web::serve_secured(incoming, address, web, token)));
        }
        (Some(listener), None) => {
            let address = listener.local_addr()?;
            let incoming = plain_pages(listener, Limits::default(), token.clone());
            lifecycle.spawn("console", served(web::serve(incoming, address, web, token)));
        }
        (None, _) => {}
    }
    if let Some(exposed) = doctor::exposed(&office.private_files(), office.output.lang) {
        tracing::warn!("keys or records are open to other users of this machine");
        // It is in the log too; who reads neither is served all the same.
        drop(office.output.tell(&exposed));
    }
    if let Some(warning) = warning {
        tracing::warn!("the console is open to other machines without TLS");
        drop(office.output.tell(&warning));
    }
    announce(office, &claim, listen, page_at, setup_code)?;
    lifecycle.run().await.map_err(|error| failed(&error))?;
    Ok(Exit::Done)
}

async fn served(serving: impl Future<Output = ()>) -> Result<(), String> {
    serving.await;
    Ok(())
}

/// The certificate of the pages, if one is configured.
pub(super) fn page_tls(office: &Office) -> Result<Option<Arc<PageTls>>, Failure> {
    let settings = &office.settings;
    Ok(PageTls::configured(&settings.page_cert, &settings.page_key, &office.data)?)
}

/// The county's or township's console.
async fn console(office: &Office) -> Result<Web, Failure> {
    let (source, named) = (office.clone(), office.clone());
    let title = move |lang: Lang| -> Pin<Box<dyn Future<Output = String> + Send>> {
        let office = named.clone();
        Box::pin(async move {
            let region = office.site.region();
            let name = guidance::region_name(office.store(), &region).await.unwrap_or_else(|_| region.to_string());
            format!("{name} · {}", lang.pick("同频绩效管理", "Tongpin"))
        })
    };
    let make = move |lang: Lang, signed: Signed| -> Pin<Box<dyn Future<Output = Front> + Send>> {
        let office = source.clone();
        Box::pin(async move { page::make(&office, lang, &signed).await })
    };
    let watched = office.site.clone();
    let program = Program {
        changes: Arc::new(move || watched.changes()),
        region: office.site.region().to_string(),
        title: Arc::new(title),
        duties: Duty::AT_NODES.to_vec(),
        home: Arc::new(make),
        places: pages::places(office),
        pages: pages::pages(office),
        api: Some(api::routes(office)),
        proxies: office.settings.trusted_proxy.clone(),
    };
    Ok(Web::open(office.store().clone(), office.site.clock.clone(), program).await?)
}

/// Says that it is ready: to commands beside this process, and to whoever started it.
fn announce(
    office: &Office,
    claim: &Claim,
    listen: SocketAddr,
    page: Option<String>,
    setup_code: Option<String>,
) -> Result<(), Failure> {
    claim.tell(&Serving {
        process: std::process::id(),
        listen: listen.to_string(),
        page: page.clone(),
        since: office.site.now(),
    })?;
    let told = Told {
        ready: true,
        region: office.site.region(),
        listen: listen.to_string(),
        page,
        setup_code,
        parent: office.parent.address.clone(),
    };
    tracing::info!(listen = %listen, parent = told.parent, "ready");
    let said = if office.output.json {
        // Whoever started this program reads one line and knows.
        let line = serde_json::to_string(&told).map_err(|error| Failure::internal(&error))?;
        office.output.print_text(&line).map_err(Failure::from)
    } else {
        shown::give(office.output, &told)
    };
    if let Err(failure) = said {
        tracing::warn!(error = failure.chain(), "nobody could be told that this node is ready");
    }
    Ok(())
}

async fn bind(address: &str) -> Result<TcpListener, Failure> {
    net::bind(address).await.map_err(|error| Failure::Serving {
        zh: error.say(Lang::Zh),
        en: error.say(Lang::En),
        exit: error.exit(),
    })
}

fn failed(error: &LifecycleError) -> Failure {
    Failure::Serving { zh: error.say(Lang::Zh), en: error.say(Lang::En), exit: Exit::Internal }
}

impl Shown for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, listen, parent, .. } = self;
        say(
            output,
            &format!("{region} 已就绪：上级 {parent}，乡镇连接 {listen}"),
            &format!("{region} is ready: parent {parent}, townships connect to {listen}"),
        )?;
        match &self.page {
            Some(page) => {
                say(output, &format!("管理页面 {page}（Ctrl-C 停止）"), &format!("console {page} (Ctrl-C stops)"))?;
            }
            None => say(output, "管理页面未启用（Ctrl-C 停止）", "no console (Ctrl-C stops)")?,
        }
        let Some(code) = &self.setup_code else { return Ok(()) };
        say(
            output,
            &format!("启用码 {code}（首次启用时在管理页面输入，用后作废）"),
            &format!("set-up code {code} (to be typed on the console at the first start)"),
        )
    }
}
