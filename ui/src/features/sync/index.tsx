/** The Sync page: runs and what each changed, what waits to be sent, what needs the owner. */
export { SyncPage as default } from "./SyncPage";
