//! Measures everything, and writes the tables into the README of the project, with the date and the kind of machine.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use xmpp_ws_bench::{core, scanning};

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let tables = format!("{}\n{}", scanning::table(""), core::table());
    let section = format!("{BEGIN}\nOn {}, {}.\n\n{tables}{END}", date(), machine());
    let readme = fs::read_to_string(&path).expect("the README can be read");
    let (before, rest) = readme.split_once(BEGIN).expect("the README says where the tables begin");
    let (_, after) = rest.split_once(END).expect("the README says where the tables end");
    fs::write(&path, format!("{before}{section}{after}")).expect("the README can be written");
    println!("{section}");
}

fn date() -> String {
    let output = Command::new("date").args(["-u", "+%F"]).output();
    let date = String::from_utf8(output.expect("there is `date`").stdout).expect("it is ASCII");
    date.trim().to_owned()
}

/// What kind of machine this is, as far as Linux tells.
fn machine() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |wanted: &str| {
        let mut lines = about.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim() == wanted).map(|(_, value)| value.trim())
    };
    let model = value("model name").unwrap_or("a processor of an unknown kind");
    let model = model.replace("(R)", "").replace("(TM)", "");
    let is_virtual = value("flags").is_some_and(|flags| flags.contains("hypervisor"));
    let kind = if is_virtual { ", a virtual machine" } else { "" };
    format!("{cores} cores of {model}{kind}")
}

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
