// Builds the window's page. Lingui's macros are the one thing that needs Babel; the rest goes through Vite's own compiler.
import babel, { defineRolldownBabelPreset } from "@rolldown/plugin-babel";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Production keeps the English text beside its id: a text that was not yet extracted still reads as a sentence.
const linguiMacros = defineRolldownBabelPreset({
  preset: () => ({ plugins: [["@lingui/babel-plugin-lingui-macro", { descriptorFields: "message" }]] }),
  rolldown: { filter: { code: /@lingui\/(core|react)\/macro/ } },
});

export default defineConfig({
  plugins: [react(), babel({ presets: [linguiMacros] })],
  // The app window loads files from its own scheme, so paths are relative.
  base: "./",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // The content policy wants fonts and scripts as files.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: { strictPort: true },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/testing/setup.ts"],
    css: false,
    restoreMocks: true,
  },
});
