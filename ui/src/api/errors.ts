/**
 * Words and next step for every error code. The table is total: a new code does not compile until it has words. The
 * command's own sentence is shown too; `text` says what was kept and what to do.
 */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Code } from "./bindings";

/** What a button below the error does. */
export type ErrorAction = "fix_fields" | "retry" | "reload" | "sign_in" | "settings" | "close";

export type ErrorWords = { title: MessageDescriptor; text: MessageDescriptor; action: ErrorAction };

export const errorWords: Record<Code, ErrorWords> = {
  invalid: {
    title: msg`Some fields need another look`,
    text: msg`Nothing was saved yet. What you typed is still here; the fields to mend are marked.`,
    action: "fix_fields",
  },
  not_found: {
    title: msg`This record is gone`,
    text: msg`It may have been removed here or by a sync. Nothing else was changed.`,
    action: "reload",
  },
  stale: {
    title: msg`This record changed in the meantime`,
    text: msg`Nothing was overwritten. Compare both versions, then choose what to keep.`,
    action: "reload",
  },
  refused: {
    title: msg`That can't be done here`,
    text: msg`Nothing was changed.`,
    action: "close",
  },
  signed_out: {
    title: msg`The connection needs you to sign in`,
    text: msg`Your work is saved on this computer and is sent after you sign in again.`,
    action: "sign_in",
  },
  rate_limited: {
    title: msg`The service asks us to slow down`,
    text: msg`Your work is saved on this computer. Sending goes on by itself in a while.`,
    action: "close",
  },
  vendor_unavailable: {
    title: msg`The service can't be reached`,
    text: msg`Your work is saved on this computer. Check your internet connection, or try again later.`,
    action: "retry",
  },
  vendor_refused: {
    title: msg`The service did not accept this`,
    text: msg`Your record is saved on this computer. Change it as the message says and it is sent again.`,
    action: "close",
  },
  vendor_conflict: {
    title: msg`It was changed on both sides`,
    text: msg`Both versions are kept. Choose which one is right on the Sync page.`,
    action: "retry",
  },
  vendor_not_found: {
    title: msg`The service no longer has this record`,
    text: msg`Your copy is kept. Sync to find out what became of the other one.`,
    action: "retry",
  },
  vendor_protocol: {
    title: msg`The service gave an answer we don't understand`,
    text: msg`Nothing was changed. Try again; if it stays, update Backroom.`,
    action: "retry",
  },
  keychain: {
    title: msg`The system's keychain can't be used`,
    text: msg`Sign-ins can't be kept without it. Unlock or start the keychain, then try again.`,
    action: "retry",
  },
  storage: {
    title: msg`The data file can't be read or written`,
    text: msg`What was saved before is safe. Check the disk, then try again.`,
    action: "retry",
  },
  disk_full: {
    title: msg`The disk is full`,
    text: msg`This was not saved; everything before it is safe. Free some space, then try again.`,
    action: "retry",
  },
  file_corrupt: {
    title: msg`The data file is damaged`,
    text: msg`Backroom stopped before making it worse. Restore the newest good backup with “backroom-cli restore”; backups are in the folder “backups” next to the data file.`,
    action: "close",
  },
  file_too_new: {
    title: msg`The data file is from a newer Backroom`,
    text: msg`Nothing was changed. Update Backroom to open it.`,
    action: "close",
  },
  file_unusable: {
    title: msg`The data file can't be used`,
    text: msg`Nothing was changed. Do what the message says, then start Backroom again.`,
    action: "close",
  },
  file_in_use: {
    title: msg`Backroom is already open with this data folder`,
    text: msg`Nothing was changed. Close the other window or command, then try again.`,
    action: "retry",
  },
  bug: {
    title: msg`Something went wrong in Backroom`,
    text: msg`Nothing was half saved. Try again; if it happens again, send us the reference below.`,
    action: "retry",
  },
};
