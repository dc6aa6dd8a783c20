//! How this node stands, in the words that pages and commands share.

use tongpin_domain::lang::Lang;

use super::{ChildLine, CollectionLine, Summary};

impl Summary {
    /// How the link to the parent is, in words: what counts is the last acknowledged success.
    pub(crate) fn link(&self, lang: Lang) -> String {
        let link = &self.parent.link;
        let last = link.last_success.map_or_else(|| lang.pick("从未", "never").to_owned(), |at| at.to_string());
        if self.is_connected() {
            return match lang {
                Lang::Zh => format!("已连接，最近一次得到上级应答 {last}"),
                Lang::En => format!("connected, the parent answered last at {last}"),
            };
        }
        let problem = lang.pick(&link.problem_zh, &link.problem_en);
        let why = if self.serving.is_none() {
            lang.pick("serve 没有运行", "serve does not run")
        } else if problem.is_empty() {
            lang.pick("正在连接", "connecting")
        } else {
            problem
        };
        match lang {
            Lang::Zh => format!("未连接，最近一次得到上级应答 {last}；原因：{why}"),
            Lang::En => format!("not connected, the parent answered last at {last}; the reason: {why}"),
        }
    }

    /// What waits for the parent's acknowledgement, in words.
    pub(crate) fn waiting(&self, lang: Lang) -> String {
        let waiting: Vec<String> = self
            .unsent
            .iter()
            .filter(|unsent| unsent.count > 0)
            .map(|unsent| {
                let stream = match unsent.stream {
                    "reports" => lang.pick("上报", "reports"),
                    _ => lang.pick("记录", "records"),
                };
                let oldest = unsent.oldest.map(|at| at.to_string()).unwrap_or_default();
                match lang {
                    Lang::Zh => format!("{stream} {} 条（最早 {oldest}）", unsent.count),
                    Lang::En => format!("{} {stream} (the oldest of {oldest})", unsent.count),
                }
            })
            .collect();
        if waiting.is_empty() {
            lang.pick("没有，全部已确认", "nothing").to_owned()
        } else {
            waiting.join(lang.pick("、", ", "))
        }
    }

    /// The scores by status, in words.
    pub(crate) fn scoring(&self, lang: Lang) -> String {
        let count = |status: &str| self.scores.get(status).copied().unwrap_or(0);
        let (scored, review) = (count("SCORED"), count("REVIEW"));
        let (incomplete, wrong) = (count("INCOMPLETE"), count("DATA_ERROR"));
        match lang {
            Lang::Zh => {
                let due = if self.due > 0 { format!("，待重算 {}", self.due) } else { String::new() };
                format!("已评分 {scored}，待复核 {review}，未完成填报 {incomplete}，数据错误 {wrong}{due}")
            }
            Lang::En => {
                let due = if self.due > 0 { format!(", {} being scored anew", self.due) } else { String::new() };
                format!("{scored} scored, {review} to be reviewed, {incomplete} incomplete, {wrong} in error{due}")
            }
        }
    }
}

impl CollectionLine {
    /// How far a collection has come, in words.
    pub(crate) fn standing(&self, lang: Lang) -> String {
        let revision = self.revision;
        let (zh, en) = match self.state {
            "submitted" => (format!("第 {revision} 次已上报，待回执"), format!("revision {revision} submitted")),
            "received" => {
                (format!("第 {revision} 次已收，待审核"), format!("revision {revision} received, awaiting review"))
            }
            "accepted" => (format!("第 {revision} 次已接收"), format!("revision {revision} accepted")),
            "returned" => (format!("第 {revision} 次被退回"), format!("revision {revision} returned")),
            _ => ("未上报".to_owned(), "not answered".to_owned()),
        };
        let overdue = if self.overdue { lang.pick("（已逾期）", " (overdue)") } else { "" };
        format!("{}{overdue}", lang.pick(&zh, &en))
    }
}

impl ChildLine {
    /// How a township stands, in words.
    pub(crate) fn standing(&self, lang: Lang) -> String {
        let text = match (self.status, self.heard) {
            _ if self.twin.is_some() => lang.pick("两台机器使用同一身份", "two machines with one identity"),
            ("invited", _) => lang.pick("已邀请，未加入", "invited"),
            ("revoked", _) => lang.pick("已吊销", "revoked"),
            (_, Some(true)) => lang.pick("已连接", "connected"),
            (_, Some(false)) => lang.pick("未连接", "not connected"),
            (_, None) => lang.pick("未知（本级服务未运行）", "unknown (no serve runs here)"),
        };
        text.to_owned()
    }

    /// What a township lacks, in words; a dash if it lacks nothing.
    pub(crate) fn lacks(&self, lang: Lang) -> String {
        if self.behind.is_empty() {
            return if self.status == "active" { lang.pick("齐全", "complete").to_owned() } else { "—".into() };
        }
        let lacks: Vec<String> = self
            .behind
            .iter()
            .map(|behind| {
                let how = match behind.progress {
                    "refused" => lang.pick("已拒收", "refused"),
                    "claimed" => lang.pick("未传送：对方所称的版本", "not sent: what it says it holds is"),
                    "announced" | "fetched" => lang.pick("传送中", "on its way"),
                    _ => lang.pick("待传送", "waiting"),
                };
                let reason = if behind.reason.is_empty() { String::new() } else { format!(":{}", behind.reason) };
                format!("{} 第 {} 版{how}{reason}", behind.catalog, behind.due)
            })
            .collect();
        lacks.join(lang.pick("；", "; "))
    }
}
