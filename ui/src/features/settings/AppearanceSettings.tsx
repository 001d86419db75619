/** Light, dark, or as the system is. */
import { SegmentedControl, Stack, Text, Title, useMantineColorScheme } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";

export function AppearanceSettings() {
  const { t } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Stack gap="lg" align="flex-start">
      <Title order={2} size="h3">
        <Trans>Appearance</Trans>
      </Title>
      <div>
        <Text size="sm" fw={500} mb={4} id="color-scheme">
          <Trans>Colours</Trans>
        </Text>
        <SegmentedControl
          size="sm"
          aria-labelledby="color-scheme"
          data={[
            { value: "auto", label: t`As the system` },
            { value: "light", label: t`Light` },
            { value: "dark", label: t`Dark` },
          ]}
          value={colorScheme}
          onChange={(value) => setColorScheme(value === "light" || value === "dark" ? value : "auto")}
        />
      </div>
    </Stack>
  );
}
