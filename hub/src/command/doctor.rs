//! `doctor`: looks at everything that usually goes wrong, and says what to do. It works on a broken hub too.

use tongpin_console::doctor::{self, Check};
use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;
use tongpin_console::lifecycle;
use tongpin_console::listening::page_tls;
use tongpin_console::opening::identity_folder;
use tongpin_console::state::State;
use tongpin_console::{clock, disk, net};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::admin;
use tongpin_link::clock_watch::{Blame, Jump};
use tongpin_link::identity::{Identity, Standing};

use crate::app::{App, existing};
use crate::failure::Failure;
use crate::ops::nodes;
use crate::settings::{Globals, Settings};

/// Checks everything.
///
/// # Errors
/// The result cannot be printed. Whatever is wrong with the hub is part of the result.
pub(crate) async fn run(globals: &Globals) -> Result<Exit, Failure> {
    let output = globals.output();
    let lang = output.lang;
    let mut checks = vec![identity(globals, lang)];
    checks.push(database(globals, lang).await);
    checks.push(doctor::disk_space(&globals.data, lang));
    checks.push(port(globals, lang).await);
    checks.push(console(globals, lang));
    if let Ok(app) = opened(globals).await {
        checks.push(doctor::private_files(&app.private_files(), lang));
        for check in [doctor::accounts(app.store(), lang).await, doctor::audit_log(app.store(), false, lang).await] {
            checks.push(check.unwrap_or_else(|error| failed(lang.pick("数据库", "Database"), &error, lang)));
        }
        checks.extend(children(&app, lang).await);
        lifecycle::close(app.store()).await;
    }
    doctor::print(&output, &checks)?;
    Ok(doctor::exit(&checks))
}

async fn opened(globals: &Globals) -> Result<App, Failure> {
    App::open(&globals.data, globals.settings()?, globals.output()).await
}

/// A failure as a check: its message, and the advice at its end.
fn failed(name: &str, error: &impl Say, lang: Lang) -> Check {
    Check::said(name, State::Bad, &error.say(lang))
}

fn identity(globals: &Globals, lang: Lang) -> Check {
    let name = lang.pick("证书", "Certificate");
    let folder = identity_folder(&globals.data);
    if !Identity::exists(&folder) {
        return failed(name, &Failure::NotFounded(globals.data.clone()), lang);
    }
    let identity = match Identity::load(&folder) {
        Ok(identity) => identity,
        Err(error) => return failed(name, &error, lang),
    };
    let standing = identity.standing(clock::now());
    let state = match standing {
        Standing::Valid { .. } | Standing::RenewSoon { .. } => State::Good,
        // The root's holder renews its own certificate as soon as it is opened.
        Standing::Expired { .. } if identity.holds_root() => State::Warn,
        Standing::Expired { .. } | Standing::NotYetValid { .. } => State::Bad,
    };
    let check = Check::new(name, state, format!("{} {}", identity.region(), standing.say(lang)));
    match standing {
        Standing::Expired { .. } if identity.holds_root() => check.advise(lang.pick(
            "本级持有根证书，运行任何一个命令都会自动换发；请先核对本机时钟",
            "this hub holds the root: any command renews it; check the clock first",
        )),
        _ => check,
    }
}

async fn database(globals: &Globals, lang: Lang) -> Check {
    let name = lang.pick("数据库", "Database");
    if !globals.data.exists() {
        return failed(name, &Failure::NotFounded(globals.data.clone()), lang);
    }
    let settings = match globals.settings() {
        Ok(settings) => settings,
        Err(failure) => return failed(lang.pick("配置", "Configuration"), &failure, lang),
    };
    if !identity_folder(&globals.data).exists() {
        return Check::new(name, State::Plain, lang.pick("尚未建立", "not made yet"));
    }
    let checked = async {
        let store = existing(&globals.data, &settings).await?;
        store.check().await?;
        let size = store.size_bytes().await?;
        lifecycle::close(&store).await;
        Ok::<u64, Failure>(size)
    };
    match checked.await {
        Ok(bytes) => {
            let size = disk::shown_bytes(bytes);
            let zh = format!("检查通过，{size}");
            Check::new(name, State::Good, lang.pick(&zh, &format!("sound, {size}")))
        }
        Err(error) => failed(name, &error, lang),
    }
}

/// The port is either free or held by this hub's own `serve`.
fn console(globals: &Globals, lang: Lang) -> Check {
    let configured = || {
        let settings = globals.settings()?.common;
        let tls = page_tls(&globals.data, &settings)?;
        Ok::<_, Common>((settings.page, tls.map(|tls| tls.not_after())))
    };
    match configured() {
        Ok((page, until)) => {
            let serving = admin::serving(&globals.data);
            let page = doctor::console_address(serving.as_ref().map(|serving| serving.page.as_deref()), &page);
            doctor::console(&page, until, clock::now(), lang)
        }
        Err(error) => failed(lang.pick("管理页面", "Console"), &error, lang),
    }
}

async fn port(globals: &Globals, lang: Lang) -> Check {
    let name = lang.pick("服务", "Service");
    if let Some(serving) = admin::serving(&globals.data) {
        let zh = format!("serve 运行中，监听 {}（进程 {}）", serving.listen, serving.process);
        let en = format!("serve is up on {} (process {})", serving.listen, serving.process);
        return Check::new(name, State::Good, lang.pick(&zh, &en));
    }
    let Ok(Settings { common: settings, .. }) = globals.settings() else {
        return Check::new(name, State::Plain, lang.pick("配置有误，未检查", "not checked: bad configuration"));
    };
    match net::bind(&settings.listen).await {
        Ok(_) => {
            let zh = format!("serve 没有运行，端口空闲（{}）", settings.listen);
            let en = format!("serve is not running; {} is free", settings.listen);
            Check::new(name, State::Warn, lang.pick(&zh, &en)).advise(
                lang.pick(
                    "请运行 tongpin-hub serve，区县才能连接",
                    "run tongpin-hub serve so that children can connect",
                ),
            )
        }
        Err(error) => failed(name, &error, lang),
    }
}

/// What the children tell of clocks, disks and releases.
async fn children(app: &App, lang: Lang) -> Vec<Check> {
    let rows = match nodes::rows(app).await {
        Ok(rows) => rows,
        Err(failure) => return vec![failed(lang.pick("下级单位", "Children"), &failure, lang)],
    };
    let active: Vec<_> = rows.iter().filter(|row| row.status == "active").collect();
    let mut checks = Vec::new();
    checks.push(links(&active, lang));
    for (row, (zh, en)) in active.iter().filter_map(|row| Some((row, row.twin.as_ref()?))) {
        checks.push(Check::said(row.name.as_str(), State::Bad, lang.pick(zh, en)));
    }
    for row in active {
        if let Some(refused) = row.catalogs.iter().find(|catalog| catalog.state == "refused" && !catalog.current) {
            let said = format!("{} {}", refused.catalog, refused.said(lang));
            checks.push(Check::new(row.name.as_str(), State::Bad, said));
        }
    }
    checks.extend(clock_checks(&nodes::blame(&rows), lang));
    if let Ok(Some(jump)) = Jump::load(app.store()).await {
        checks.push(failed(lang.pick("本机时钟", "This clock"), &jump, lang));
    }
    checks
}

/// The clocks, the one to blame named: ours if the children agree against it.
fn clock_checks(blame: &Blame, lang: Lang) -> Vec<Check> {
    match blame {
        Blame::Nobody => Vec::new(),
        Blame::Ours { ahead_ms, peers } => {
            let mut check = doctor::clock_offset(*ahead_ms, lang);
            let zh = format!("本机时钟（{peers} 个下级一致认为）");
            let en = format!("This machine's clock ({peers} children agree)");
            lang.pick(&zh, &en).clone_into(&mut check.name);
            vec![check.advise(lang.pick(
                "请校准本机时钟（timedatectl set-ntp true）；下级的时钟彼此一致，不必改动",
                "set this machine's clock (timedatectl set-ntp true); the children's agree with each other",
            ))]
        }
        Blame::Either { peer, ahead_ms } => {
            let mut check = doctor::clock_offset(ahead_ms.saturating_neg(), lang);
            check.name = format!("{peer} {}", check.name);
            vec![check]
        }
        Blame::Theirs(peers) => peers.iter().map(|(peer, ahead_ms)| theirs(peer, *ahead_ms, lang)).collect(),
    }
}

fn theirs(peer: &str, ahead_ms: i64, lang: Lang) -> Check {
    let mut check = doctor::clock_offset(ahead_ms.saturating_neg(), lang);
    check.name = format!("{peer} {}", check.name);
    check.advise(lang.pick(
        "其他下级与本机一致：请该单位校准其时钟（timedatectl set-ntp true）",
        "the others agree with this machine: have that bureau set its clock (timedatectl set-ntp true)",
    ))
}

/// Who of the joined children is connected, as far as a running `serve` can know.
fn links(active: &[&nodes::Row], lang: Lang) -> Check {
    let name = lang.pick("下级连接", "Links");
    if active.iter().any(|row| row.connected.is_none()) {
        let zh = format!("已加入 {} 个，在线情况未知（本级服务未运行）", active.len());
        let en = format!("{} joined, links unknown: no serve runs here", active.len());
        return Check::new(name, State::Plain, lang.pick(&zh, &en));
    }
    let is_silent = |row: &&&nodes::Row| row.connected == Some(false);
    let silent: Vec<&str> = active.iter().filter(is_silent).map(|row| row.name.as_str()).collect();
    let up = active.len().saturating_sub(silent.len());
    let zh = format!("已加入 {} 个，在线 {up} 个", active.len());
    let detail = lang.pick(&zh, &format!("{up} of {} up", active.len())).to_owned();
    if silent.is_empty() {
        Check::new(name, State::Good, detail)
    } else {
        let names = silent.join(lang.pick("、", ", "));
        let zh = format!("未连接的：{names}；请对方运行 tongpin-node doctor 查看原因");
        let en = format!("not connected: {names}; there tongpin-node doctor says why");
        Check::new(name, State::Warn, detail).advise(lang.pick(&zh, &en))
    }
}
