//! `doctor`: what is wrong with the connection, the certificate, the clock, the disk, the ports, and what to do.

use tongpin_console::doctor::{self, Check};
use tongpin_console::exit::Exit;
use tongpin_console::listening::page_tls;
use tongpin_console::opening::identity_folder;
use tongpin_console::state::State;
use tongpin_console::{disk, lifecycle, net};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::clock_watch::{self, Blame, Jump};
use tongpin_link::identity::{Identity, Standing};
use tongpin_link::uplink::{LinkState, Suspension, Warning};
use tongpin_link::{LinkError, admin};
use tongpin_store::StoreError;

use crate::app::App;
use crate::failure::Failure;
use crate::guidance;
use crate::ops::restored::Restored;
use crate::ops::unasked;
use crate::settings::Globals;

/// Unacknowledged changes older than this are worth a look.
const LONG_UNSENT_S: i64 = 15 * 60;
/// A broken link is worth a look after this long; what is shared may be out of date then.
const LONG_SILENCE_S: i64 = 24 * 3600;

/// Checks everything that can be checked, as far as it goes.
///
/// # Errors
/// The output does not take it. What is found is no error; [`Exit::Different`] says that something is bad.
pub(crate) async fn run(globals: &Globals) -> Result<Exit, Failure> {
    let output = globals.output();
    let lang = output.lang;
    let mut checks = vec![doctor::disk_space(&globals.data, lang)];
    match globals.settings() {
        Err(error) => checks.push(Check::said(lang.pick("配置", "Configuration"), State::Bad, &error.say(lang))),
        Ok(_) => checks.push(Check::new(lang.pick("配置", "Configuration"), State::Good, lang.pick("可用", "sound"))),
    }
    if Identity::exists(&identity_folder(&globals.data)) {
        match super::open(globals).await {
            Ok(app) => {
                opened(&app, lang, &mut checks).await;
                lifecycle::close(app.store()).await;
            }
            Err(failure) => checks.push(of_failure(lang.pick("数据库与身份", "Database and identity"), &failure, lang)),
        }
    } else {
        let name = lang.pick("身份", "Identity");
        let check = Check::new(name, State::Bad, lang.pick("还没有加入任何上级", "has not joined"));
        checks.push(check.advise(lang.pick("请用上级给的加入码运行 join", "join with the token from the parent")));
    }
    doctor::print(&output, &checks)?;
    Ok(doctor::exit(&checks))
}

async fn opened(app: &App, lang: Lang, checks: &mut Vec<Check>) {
    checks.push(database(app, lang).await);
    checks.push(certificate(app, lang));
    checks.push(serving(app, lang).await);
    checks.push(console(app, lang));
    checks.push(doctor::private_files(&app.private_files(), lang));
    for check in [doctor::accounts(app.store(), lang).await, doctor::audit_log(app.store(), true, lang).await] {
        let failed = |error: StoreError| Check::new(lang.pick("数据库", "Database"), State::Bad, error.say(lang));
        checks.push(check.unwrap_or_else(failed));
    }
    let link = LinkState::load(app.store()).await.unwrap_or_default();
    parent(app, &link, lang, checks).await;
    if link.clock_offset_ms.is_some() {
        checks.extend(clocks(app, &link, lang).await);
    } else {
        let detail = lang.pick("尚未与上级对过时", "not compared with the parent's yet");
        checks.push(Check::new(lang.pick("时钟", "Clock"), State::Plain, detail));
    }
    checks.push(unsent(app, lang).await);
    checks.extend(troubles(app, &link, lang).await);
    checks.extend(twins(app, lang).await);
    checks.extend(restored(app, lang).await);
    checks.extend(submitting(app, lang).await);
}

/// What the bureau lets leave by itself, where it does not: kept back, or asked by nobody.
pub(crate) async fn submitting(app: &App, lang: Lang) -> Vec<Check> {
    let name = lang.pick("自动上报", "Submitting by itself");
    let allowed = app.settings.own.auto_submit.len();
    let found = async { Ok::<_, StoreError>((unasked::unasked(app).await?, app.store().stalls().await?)) };
    let (unasked, stalls) = match found.await {
        Ok(found) => found,
        Err(error) => return vec![Check::said(name, State::Bad, &error.say(lang))],
    };
    let mut checks: Vec<Check> =
        unasked.iter().map(|unasked| Check::said(name, State::Warn, &unasked.say(lang))).collect();
    checks.extend(stalls.iter().map(|stall| {
        let why = lang.pick(&stall.zh, &stall.en);
        Check::said(name, State::Warn, &format!("{}{}{why}", stall.collection, lang.pick("：", ": ")))
    }));
    if checks.is_empty() && allowed > 0 {
        let (zh, en) = (format!("{allowed} 项任务，没有受阻的"), format!("{allowed} collections, none is kept back"));
        checks.push(Check::new(name, State::Good, lang.pick(&zh, &en)));
    }
    checks
}

/// The clocks, the one to blame named: ours if parent and townships agree against it.
async fn clocks(app: &App, link: &LinkState, lang: Lang) -> Vec<Check> {
    let above = link.clock_offset_ms.map(|ahead| (app.parent.region.to_string(), ahead));
    let below = app.store().children().await.unwrap_or_default().into_iter();
    let below = below.filter_map(|child| Some((child.region.to_string(), child.clock_offset_ms?)));
    let peers: Vec<(String, i64)> = above.into_iter().chain(below).collect();
    let mut checks = match clock_watch::blame(&peers, doctor::CLOCK_WARN_MS) {
        Blame::Nobody => vec![doctor::clock_offset(link.clock_offset_ms.unwrap_or_default().saturating_neg(), lang)],
        Blame::Ours { ahead_ms, peers } => {
            let mut check = doctor::clock_offset(ahead_ms, lang);
            let (zh, en) = (format!("本机时钟（{peers} 个单位一致认为）"), format!("This clock ({peers} agree)"));
            lang.pick(&zh, &en).clone_into(&mut check.name);
            vec![check]
        }
        Blame::Either { peer, ahead_ms } => vec![of_peer(&peer, ahead_ms, lang)],
        Blame::Theirs(peers) => peers.iter().map(|(peer, ahead_ms)| of_peer(peer, *ahead_ms, lang)).collect(),
    };
    if let Ok(Some(jump)) = Jump::load(app.store()).await {
        checks.push(Check::said(lang.pick("本机时钟", "This clock"), State::Bad, &jump.say(lang)));
    }
    checks
}

fn of_peer(peer: &str, ahead_ms: i64, lang: Lang) -> Check {
    let mut check = doctor::clock_offset(ahead_ms.saturating_neg(), lang);
    check.name = format!("{peer} {}", check.name);
    check
}

/// What stands in the way of this node's identity, and why a running `serve` is not connected.
async fn troubles(app: &App, link: &LinkState, lang: Lang) -> Vec<Check> {
    let name = lang.pick("身份", "Identity");
    let mut said = Vec::new();
    said.extend(Suspension::load(app.store()).await.ok().flatten().map(|one| one.say(lang)));
    let told = Warning::standing(app.store(), app.site.now()).await.unwrap_or_default();
    said.extend(told.iter().map(|one| one.say(lang)));
    let mut checks: Vec<Check> = said.iter().map(|said| Check::said(name, State::Bad, said)).collect();
    let problem = lang.pick(&link.problem_zh, &link.problem_en);
    if admin::serving(&app.data).is_some() && !link.connected && !problem.is_empty() {
        let name = lang.pick("serve 与上级的连接", "The link of serve");
        checks.push(Check::said(name, State::Bad, problem));
    }
    checks
}

/// Townships whose identity a second machine shows as well.
pub(crate) async fn twins(app: &App, lang: Lang) -> Vec<Check> {
    let nodes = match admin::nodes(&app.site).await {
        Ok(nodes) => nodes,
        Err(error) => return vec![of_failure(lang.pick("下级单位", "Townships"), &error.into(), lang)],
    };
    let regions = guidance::regions(app.store()).await.unwrap_or_default();
    let twin = |node: &admin::Node| {
        let name = regions.name(&node.child.region);
        let said = admin::twin_said(&name, node, app.site.now(), lang)?;
        Some(Check::said(name, State::Bad, &said))
    };
    nodes.iter().filter_map(twin).collect()
}

/// What the parent holds and this database does not, since it was restored.
async fn restored(app: &App, lang: Lang) -> Option<Check> {
    let name = lang.pick("恢复", "Restored");
    match Restored::load(app).await {
        Ok(restored) => restored.map(|restored| {
            Check::new(name, State::Warn, restored.say(lang)).advise(
                lang.pick("请运行 take-back，或在“恢复”页面处理", "run take-back, or settle it on the page Restored"),
            )
        }),
        Err(failure) => Some(of_failure(name, &failure, lang)),
    }
}

async fn database(app: &App, lang: Lang) -> Check {
    let name = lang.pick("数据库", "Database");
    let checked = async {
        app.store().check().await?;
        app.store().size_bytes().await
    };
    match checked.await {
        Ok(bytes) => {
            let size = disk::shown_bytes(bytes);
            let (zh, en) = (format!("完整，大小 {size}"), format!("sound, {size}"));
            Check::new(name, State::Good, lang.pick(&zh, &en))
        }
        Err(error) => Check::new(name, State::Bad, error.say(lang)),
    }
}

fn certificate(app: &App, lang: Lang) -> Check {
    let identity = app.site.identity();
    let standing = identity.standing(app.site.now());
    let state = match standing {
        Standing::Valid { .. } => State::Good,
        Standing::RenewSoon { .. } => State::Warn,
        Standing::NotYetValid { .. } | Standing::Expired { .. } => State::Bad,
    };
    let (name, region) = (lang.pick("证书", "Certificate"), identity.region());
    Check::new(name, state, format!("{region} {}", standing.say(lang)))
}

fn console(app: &App, lang: Lang) -> Check {
    let serving = admin::serving(&app.data);
    let running = serving.as_ref().map(|serving| serving.page.as_deref());
    let page = doctor::console_address(running, &app.settings.common.page);
    match page_tls(&app.data, &app.settings.common) {
        Ok(tls) => doctor::console(&page, tls.map(|tls| tls.not_after()), app.site.now(), lang),
        Err(error) => Check::said(lang.pick("管理页面", "Console"), State::Bad, &error.say(lang)),
    }
}

async fn serving(app: &App, lang: Lang) -> Check {
    let name = "serve";
    if let Some(serving) = admin::serving(&app.data) {
        let (zh, en) = (format!("运行中，监听 {}", serving.listen), format!("running on {}", serving.listen));
        return Check::new(name, State::Good, lang.pick(&zh, &en));
    }
    let listen = &app.settings.common.listen;
    match net::bind(listen).await {
        Ok(_) => {
            let (zh, en) = (format!("没有运行；端口 {listen} 可用"), format!("not running; {listen} is free"));
            let check = Check::new(name, State::Warn, lang.pick(&zh, &en));
            check.advise(lang.pick(
                "请运行 tongpin-node serve，否则不与上级同步",
                "run tongpin-node serve, or nothing is synchronized",
            ))
        }
        Err(error) => Check::said(name, State::Bad, &error.say(lang)),
    }
}

async fn parent(app: &App, link: &LinkState, lang: Lang, checks: &mut Vec<Check>) {
    let check = admin::check_parent(&app.site, &app.parent).await;
    let (region, address) = (&app.parent.region, &check.address);
    let name = lang.pick("上级地址", "Parent's address");
    match &check.reached {
        Ok(took) => {
            let (zh, en) = (
                format!("{region}（{address}）可达，{} 毫秒", took.as_millis()),
                format!("{region} ({address}) reached in {} ms", took.as_millis()),
            );
            checks.push(Check::new(name, State::Good, lang.pick(&zh, &en)));
        }
        Err(error) => checks.push(of_link(name, error, lang)),
    }
    let name = lang.pick("与上级握手", "Handshake with the parent");
    match &check.admitted {
        Some(Ok(took)) => {
            let (zh, en) = (
                format!("双方证书有效，上级已准入，{} 毫秒", took.as_millis()),
                format!("admitted in {} ms", took.as_millis()),
            );
            checks.push(Check::new(name, State::Good, lang.pick(&zh, &en)));
        }
        Some(Err(error)) => checks.push(of_link(name, error, lang)),
        None => {
            checks.push(Check::new(name, State::Plain, lang.pick("上级不可达，未检查", "not reached, not checked")));
        }
    }
    checks.push(last_answer(app, link, lang));
}

/// A line that holds is heard of every minute, however idle it is.
fn last_answer(app: &App, link: &LinkState, lang: Lang) -> Check {
    let name = lang.pick("最近一次上级应答", "The parent's last answer");
    let Some(at) = link.last_success else {
        let check = Check::new(name, State::Warn, lang.pick("从未", "never"));
        return check.advise(lang.pick("请确认 serve 在运行", "see that serve runs"));
    };
    let overdue = app.site.now().seconds_since(at) > LONG_SILENCE_S;
    if !overdue {
        return Check::new(name, State::Good, at.to_string());
    }
    Check::new(name, State::Warn, at.to_string()).advise(lang.pick(
        "已超过一天没有与上级同步，目录可能不是最新；请确认 serve 在运行并能连上",
        "a day without the parent: what it shares may be out of date; see that serve runs and connects",
    ))
}

async fn unsent(app: &App, lang: Lang) -> Check {
    let name = lang.pick("待上级确认", "Unacknowledged");
    let waiting = match admin::unsent(&app.site, &app.parent).await {
        Ok(waiting) => waiting,
        Err(error) => return of_link(name, &error, lang),
    };
    let count: u64 = waiting.iter().map(|unsent| unsent.count).sum();
    let Some(oldest) = waiting.iter().filter_map(|unsent| unsent.oldest).min() else {
        return Check::new(name, State::Good, lang.pick("没有", "nothing"));
    };
    let overdue = app.site.now().seconds_since(oldest) > LONG_UNSENT_S;
    let (zh, en) = (format!("{count} 条，最早 {oldest}"), format!("{count}, the oldest of {oldest}"));
    let check = Check::new(name, if overdue { State::Warn } else { State::Good }, lang.pick(&zh, &en));
    if overdue {
        return check.advise(lang.pick(
            "请确认 serve 在运行、与上级连通；没有网络的用 pack 写成文件带去",
            "see that serve runs and reaches the parent; without a network, pack it into a file",
        ));
    }
    check
}

fn of_failure(name: &str, failure: &Failure, lang: Lang) -> Check {
    Check::said(name, State::Bad, &failure.say(lang))
}

fn of_link(name: &str, error: &LinkError, lang: Lang) -> Check {
    Check::said(name, State::Bad, &error.say(lang))
}
