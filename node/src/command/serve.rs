//! `serve`: follows the parent, serves the townships and the console, until told to stop.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use tongpin_console::duty::Duty;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle::Lifecycle;
use tongpin_console::listening::{self, Pages};
use tongpin_console::net;
use tongpin_console::output::{Output, Printed};
use tongpin_console::web::{Front, Program, Signed, Web};
use tongpin_domain::causes::chain;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin::{Claim, Serving};
use tongpin_link::{downlink, uplink};

use crate::api;
use crate::app::App;
use crate::background::auto_submit::AutoSubmit;
use crate::background::prefetch::Prefetch;
use crate::background::rescoring::Rescore;
use crate::background::trials::Trials;
use crate::command::say::say;
use crate::failure::Failure;
use crate::guidance;
use crate::web as pages;
use crate::web::overview;

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
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let claim = Claim::take(&app.data)?;
    net::raise_file_limit();
    let mut lifecycle = Lifecycle::new()?;
    let common = &app.settings.common;
    let listener = net::bind(args.listen.as_deref().unwrap_or(&common.listen)).await?;
    let pages = Pages::bind(args.page.as_deref().unwrap_or(&common.page), &app.data, common).await?;
    let page_at = pages.as_ref().map(|pages| format!("{}/", pages.address()));
    let listen = listener.local_addr()?;
    let token = lifecycle.token();
    let (_, serving) = downlink::serve(app.site.clone(), listener, token.clone());
    lifecycle.spawn("downlink", async move { serving.await.map_err(|error| chain(&error)) });
    lifecycle.spawn_endless("others", app.site.clone().hear_others(token.clone()));
    let (site, parent, following) = (app.site.clone(), app.parent.clone(), token.clone());
    lifecycle.spawn_endless("uplink", Box::pin(uplink::follow(site, parent, following)));
    lifecycle.spawn_job(app.site.clone(), AutoSubmit::of(app.clone()));
    lifecycle.spawn_job(app.site.clone(), Rescore(app.clone()));
    lifecycle.spawn_job(app.site.clone(), Trials::of(app.clone()));
    let web = console(app).await?;
    if pages.is_some() {
        lifecycle.spawn_job(app.site.clone(), Prefetch(app.clone()));
    }
    let setup_code = pages.as_ref().and_then(|_| web.setup_code().map(str::to_owned));
    listening::warn(&app.output, &app.private_files(), pages.as_ref());
    if let Some(pages) = pages {
        pages.serve(app.site.clone(), web, &mut lifecycle);
    }
    announce(app, &claim, listen, page_at, setup_code)?;
    lifecycle.run().await?;
    Ok(Exit::Done)
}

/// The county's or township's console.
async fn console(app: &App) -> Result<Web, Failure> {
    let (source, named) = (app.clone(), app.clone());
    let title = move |lang: Lang| -> Pin<Box<dyn Future<Output = String> + Send>> {
        let app = named.clone();
        Box::pin(async move {
            let region = app.site.region();
            let name = guidance::region_name(app.store(), &region).await.unwrap_or_else(|_| region.to_string());
            format!("{name} · {}", lang.pick("同频绩效管理", "Tongpin"))
        })
    };
    let make = move |lang: Lang, signed: Signed| -> Pin<Box<dyn Future<Output = Front> + Send>> {
        let app = source.clone();
        Box::pin(async move { overview::make(&app, lang, &signed).await })
    };
    let program = Program {
        region: app.site.region().to_string(),
        title: Arc::new(title),
        duties: Duty::AT_NODES.to_vec(),
        home: Arc::new(make),
        places: pages::places(app),
        pages: pages::pages(app, Arc::default()),
        api: Some(api::routes(app)),
        proxies: app.settings.common.trusted_proxy.clone(),
        jobs: app.site.jobs.clone(),
    };
    Ok(Web::open(app.store().clone(), app.site.clock.reader(), program).await?)
}

/// Says that it is ready: to commands beside this process, and to whoever started it.
fn announce(
    app: &App,
    claim: &Claim,
    listen: SocketAddr,
    page: Option<String>,
    setup_code: Option<String>,
) -> Result<(), Failure> {
    claim.tell(&Serving {
        process: std::process::id(),
        listen: listen.to_string(),
        page: page.clone(),
        since: app.site.now(),
    })?;
    let told = Told {
        ready: true,
        region: app.site.region(),
        listen: listen.to_string(),
        page,
        setup_code,
        parent: app.parent.address.clone(),
    };
    tracing::info!(listen = %listen, parent = told.parent, "ready");
    let said = if app.output.json {
        // Whoever started this program reads one line and knows.
        let line = serde_json::to_string(&told).map_err(|error| Failure::internal(&error))?;
        app.output.print_text(&line).map_err(Failure::from)
    } else {
        app.output.give(&told).map(drop).map_err(Failure::from)
    };
    if let Err(failure) = said {
        tracing::warn!(error = failure.chain(), "nobody could be told that this node is ready");
    }
    Ok(())
}

impl Printed for Told {
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
