/**
 * The whole look, set once: Inter, one green, greys, 8-pixel rhythm, 32-pixel rows and controls. Colours that pages use are
 * the `--br-…` variables below, each with a light and a dark value; text on any of the grounds keeps a contrast of 4.5.
 */
import { t } from "@lingui/core/macro";
import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Checkbox,
  createTheme,
  type CSSVariablesResolver,
  Drawer,
  Input,
  InputWrapper,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  SegmentedControl,
  Select,
  Tooltip,
} from "@mantine/core";

const green: MantineColorsTuple = [
  "#eef5f3",
  "#dbe8e4",
  "#b5d0c8",
  "#8bb6aa",
  "#689f91",
  "#4d8779",
  "#366d60",
  "#1f4e46",
  "#1a423b",
  "#13332e",
];

const gray: MantineColorsTuple = [
  "#f8f9f8",
  "#f1f3f2",
  "#e7eae8",
  "#dadedc",
  "#c3c9c6",
  "#a2aaa6",
  "#7d8682",
  "#5d6662",
  "#3a413e",
  "#1c211f",
];

const dark: MantineColorsTuple = [
  "#e3e7e5",
  "#b9c1bd",
  "#939c98",
  "#6b7470",
  "#3a423e",
  "#2c3330",
  "#222826",
  "#1a1f1d",
  "#151918",
  "#101413",
];

// Mantine draws a dialog's head as <header>, which outside the page counts as a second banner for screen readers.
const dialogAttributes = { header: { role: "presentation" } };

const red: MantineColorsTuple = [
  "#fdf3f2",
  "#fbe3e1",
  "#f5c5c1",
  "#ee9f99",
  "#e4776f",
  "#d4544a",
  "#c23a2f",
  "#b42318",
  "#961d14",
  "#731610",
];

const yellow: MantineColorsTuple = [
  "#fdf8ec",
  "#fcf1dc",
  "#f6e0b0",
  "#eecb7d",
  "#e5b34b",
  "#cf932a",
  "#ad7413",
  "#8a5300",
  "#6f4300",
  "#553300",
];

// The tints that badges have, so that a note and a badge of one meaning look alike.
const alertGrounds: Record<string, Record<string, string>> = {
  red: { "--alert-bg": "var(--br-problem-tint)", "--alert-color": "var(--br-problem)" },
  yellow: { "--alert-bg": "var(--br-warning-tint)", "--alert-color": "var(--br-warning)" },
  green: { "--alert-bg": "var(--br-good-tint)", "--alert-color": "var(--br-good)" },
};

/** Made after the texts have started, because some parts carry words. */
export const makeTheme = () => createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: "ui-monospace, monospace",
  colors: { green, gray, dark, red, yellow },
  primaryColor: "green",
  primaryShade: { light: 7, dark: 6 },
  black: "#1c211f",
  defaultRadius: "sm",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "10px", xl: "16px" },
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.45", lg: "1.5", xl: "1.5" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "22px", lineHeight: "1.3" },
      h2: { fontSize: "18px", lineHeight: "1.35" },
      h3: { fontSize: "16px", lineHeight: "1.4" },
      h4: { fontSize: "14px", lineHeight: "1.4" },
    },
  },
  shadows: {
    xs: "0 1px 2px rgb(0 0 0 / 5%)",
    sm: "0 1px 3px rgb(0 0 0 / 8%)",
    md: "0 4px 12px rgb(0 0 0 / 8%)",
    lg: "0 8px 24px rgb(0 0 0 / 12%)",
    xl: "0 16px 40px rgb(0 0 0 / 16%)",
  },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { size: 28 } }),
    Alert: Alert.extend({ defaultProps: { variant: "light" }, vars: (_theme, { color }) => ({ root: alertGrounds[String(color)] ?? {} }) }),
    Badge: Badge.extend({ defaultProps: { variant: "light", radius: "sm" } }),
    Button: Button.extend({
      defaultProps: { size: "sm" },
      vars: (_theme, { size }) => ({ root: size === "sm" ? { "--button-height": "32px", "--button-padding-x": "14px", "--button-fz": "13px" } : {} }),
    }),
    Checkbox: Checkbox.extend({ defaultProps: { size: "xs", radius: "xs" } }),
    Drawer: Drawer.extend({
      defaultProps: { position: "right", size: 520, overlayProps: { backgroundOpacity: 0.25 }, closeButtonProps: { "aria-label": t`Close` }, attributes: dialogAttributes },
    }),
    Input: Input.extend({ vars: (_theme, { size }) => ({ wrapper: size === undefined || size === "sm" ? { "--input-height": "32px" } : {} }) }),
    InputWrapper: InputWrapper.extend({ defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", position: "bottom-end" } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.3 }, closeButtonProps: { "aria-label": t`Close` }, attributes: dialogAttributes } }),
    Popover: Popover.extend({ defaultProps: { shadow: "md" } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: "xs" } }),
    Select: Select.extend({ defaultProps: { maxDropdownHeight: 280 } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false } }),
  },
});

export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#5d6662",
    "--mantine-color-placeholder": "#6f7874",
    "--mantine-color-error": "#b42318",
    "--br-page": "#ffffff",
    "--br-side": "#f5f7f6",
    "--br-raised": "#ffffff",
    "--br-sunken": "#eff2f0",
    "--br-hover": "#f5f7f6",
    "--br-selected": "#e6f0ed",
    "--br-border": "#e1e5e3",
    "--br-border-faint": "#eef1ef",
    "--br-text": "#1c211f",
    "--br-text-muted": "#5d6662",
    "--br-text-faint": "#616a66",
    "--br-accent": "#1f4e46",
    "--br-accent-text": "#1f4e46",
    "--br-focus": "#4d8779",
    "--br-good": "#1a6640",
    "--br-good-tint": "#e4f3ea",
    "--br-warning": "#8a5300",
    "--br-warning-tint": "#fcf1dc",
    "--br-problem": "#b42318",
    "--br-problem-tint": "#fdecea",
  },
  dark: {
    "--mantine-color-body": "#151918",
    "--mantine-color-dimmed": "#98a19d",
    "--mantine-color-placeholder": "#838c88",
    "--mantine-color-error": "#f28b82",
    "--mantine-color-red-light-color": "#f28b82",
    "--mantine-color-green-light-color": "#8bc4b5",
    "--br-page": "#151918",
    "--br-side": "#101413",
    "--br-raised": "#1a1f1d",
    "--br-sunken": "#232a27",
    "--br-hover": "#1c2220",
    "--br-selected": "#1d302b",
    "--br-border": "#2c3330",
    "--br-border-faint": "#212725",
    "--br-text": "#e3e7e5",
    "--br-text-muted": "#98a19d",
    "--br-text-faint": "#909994",
    "--br-accent": "#689f91",
    "--br-accent-text": "#8bc4b5",
    "--br-focus": "#689f91",
    "--br-good": "#7fcf9f",
    "--br-good-tint": "#183024",
    "--br-warning": "#e5b567",
    "--br-warning-tint": "#33290f",
    "--br-problem": "#f28b82",
    "--br-problem-tint": "#3a1d1b",
  },
});
