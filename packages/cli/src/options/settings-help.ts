import { defaultText, policyNames, policySpec, rangeText } from '@sluice/protocol/policy';

/** The part of a command's help that lists what `--set` takes. */
export function settingsHelp(): string {
  const lines = policyNames.map((name) => {
    const spec = policySpec(name);
    const old = spec.deprecated === undefined ? '' : ' Deprecated.';
    const state = spec.state === 'acts' ? '' : ' Not acted on yet.';
    const detail = `${rangeText(spec)}, default ${defaultText(spec)}`;
    return `  ${name} (${detail})\n      ${spec.about}.${old}${state}`;
  });
  return `\nSettings (--set NAME=VALUE), KB = 1024 bytes and so on:\n${lines.join('\n')}`;
}
