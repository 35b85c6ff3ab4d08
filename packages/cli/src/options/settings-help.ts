import { type SettingSpec, settingSpecs } from '@sluice/engine/settings';

/** The part of a command's help that lists what `--set` takes. */
export function settingsHelp(): string {
  const lines = Object.entries<SettingSpec>(settingSpecs).map(
    ([name, spec]) => `  ${name}${detailOf(spec)}\n      ${spec.about}`,
  );
  return `\nSettings (--set NAME=VALUE), KB = 1024 bytes and so on:\n${lines.join('\n')}`;
}

function detailOf(spec: SettingSpec): string {
  if (spec.kind === 'text') return '';
  const unit = spec.unit ? `${spec.unit}, ` : '';
  const fallback = spec.default === undefined ? '' : `, default ${spec.default}`;
  return ` (${unit}${spec.min} to ${spec.max}${fallback})`;
}
