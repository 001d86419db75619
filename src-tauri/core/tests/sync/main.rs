//! The sync engine against scripted vendors: one binary, one file per rule group. Nothing waits on real time.

mod audit;
mod brake;
mod conflict;
mod connect;
mod crash;
mod decide;
mod engine;
mod look;
mod merge;
mod plan;
mod pull;
mod push;
mod store;
mod twins;
mod undo;
mod versions;
mod world;
