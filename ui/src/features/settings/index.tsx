/** Settings: connections, the company, the sync's timer, the data file, the look. One tab per subject, named in the path. */
export { SettingsPage as default } from "./SettingsPage";
