//! The files of a crate, and which of them names what another defines.
//!
//! An edge is a path with `crate::` or `super::` outside of tests, in a `use` or anywhere else. It leads to the file that defines the
//! first name on its way that is no module; a name that a module hands on (`pub use`) is followed to where it comes from. `mod` lines
//! are no edges, nor is what a module hands on of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree};

/// A path, name by name.
type Names = Vec<String>;

/// A crate's modules by their paths; the root's is empty.
pub(super) struct Source {
    modules: BTreeMap<Names, Module>,
}

struct Module {
    file: PathBuf,
    /// What it names of others, as it is written.
    paths: BTreeSet<Names>,
    /// What it hands on: a name, and the path that it stands for.
    handed_on: BTreeMap<String, Names>,
}

impl Source {
    /// Reads the crate whose root is `folder/lib.rs`.
    pub(super) fn read(folder: &Path) -> Self {
        let mut source = Self { modules: BTreeMap::new() };
        source.read_file(&folder.join("lib.rs"), folder, Vec::new());
        source
    }

    fn read_file(&mut self, file: &Path, children: &Path, module: Names) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut found = Found::default();
        found.visit_file(&parsed);
        for name in found.modules {
            let inner = [&module[..], std::slice::from_ref(&name)].concat();
            let (leaf, folder) = (children.join(format!("{name}.rs")), children.join(&name));
            let file = if leaf.exists() { leaf } else { folder.join("mod.rs") };
            self.read_file(&file, &folder, inner);
        }
        let module_found = Module { file: file.to_owned(), paths: found.paths, handed_on: found.handed_on };
        self.modules.insert(module, module_found);
    }

    /// Every file with the others that it names.
    pub(super) fn edges(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut edges: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for (module, Module { file, paths, .. }) in &self.modules {
            let named = paths.iter().filter_map(|path| self.defining(&absolute(module, path)?));
            edges.entry(file).or_default().extend(named.filter(|other| other != file));
        }
        edges
    }

    /// The file that defines what a path from the root stands for.
    fn defining(&self, path: &[String]) -> Option<&Path> {
        let deepest = (0..=path.len()).rev().find(|&end| self.modules.contains_key(&path[..end]))?;
        let module = &self.modules[&path[..deepest]];
        if let Some(target) = path.get(deepest).and_then(|name| module.handed_on.get(name)) {
            let here = &path[..deepest];
            let target = absolute(here, target).unwrap_or_else(|| [here, target].concat());
            if target != path && self.modules.contains_key(&target[..1.min(target.len())]) {
                return self.defining(&target);
            }
        }
        Some(&module.file)
    }
}

/// A path from the root; none of one that begins elsewhere.
fn absolute(module: &[String], path: &[String]) -> Option<Names> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    match path.first().map(String::as_str) {
        Some("crate") => Some(path[1..].to_vec()),
        Some("self") => Some([module, &path[1..]].concat()),
        Some("super") => Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat()),
        _ => None,
    }
}

/// What stands in a file.
#[derive(Default)]
struct Found {
    modules: Vec<String>,
    paths: BTreeSet<Names>,
    handed_on: BTreeMap<String, Names>,
}

impl Found {
    fn add(&mut self, path: Names) {
        if path.len() > 1 && ["crate", "super"].contains(&path[0].as_str()) {
            self.paths.insert(path);
        }
    }

    fn add_use(&mut self, tree: &UseTree, before: &[String], is_handed_on: bool) {
        let with = |name: String| [before, &[name]].concat();
        let mut leaf = |path: Names, name: String| {
            if is_handed_on {
                self.handed_on.insert(name, path.clone());
            }
            // What a module hands on it only passes through.
            if !is_handed_on {
                self.add(path);
            }
        };
        match tree {
            UseTree::Path(path) => self.add_use(&path.tree, &with(path.ident.to_string()), is_handed_on),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(tree, before, is_handed_on)),
            UseTree::Name(name) if name.ident == "self" => {
                leaf(before.to_vec(), before.last().cloned().unwrap_or_default());
            }
            UseTree::Name(name) => leaf(with(name.ident.to_string()), name.ident.to_string()),
            UseTree::Rename(name) => leaf(with(name.ident.to_string()), name.rename.to_string()),
            UseTree::Glob(_) => leaf(with("*".to_owned()), "*".to_owned()),
        }
    }

    /// Paths in the words of a macro, which nobody has parsed.
    fn add_words(&mut self, words: TokenStream) {
        let mut path = Names::new();
        let mut colons = 0;
        for word in words {
            match word {
                TokenTree::Ident(name) if path.is_empty() || colons == 2 => {
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    self.add(std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.add_words(group.stream()),
                        TokenTree::Ident(name) => path.push(name.to_string()),
                        _ => {}
                    }
                }
            }
        }
        self.add(path);
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_of_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_none() {
            self.modules.push(item.ident.to_string());
        }
        visit::visit_item_mod(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_use(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.add_words(item.tokens.clone());
    }
}

/// `#[cfg(test)]`, and what the pages' examples hang on.
fn is_of_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test") || path.is_ident("doctest"))
}
