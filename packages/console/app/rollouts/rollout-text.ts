import type { Rollout } from '@sluice/protocol';
import { checkPolicyValue, hoursText, policyNameOf, policySpec } from '@sluice/protocol/policy';
import type { RolloutSettings } from '../api/rollouts.ts';

/** `DOMaxCacheAge=86400`, one a line; `DOMaxCacheAge` alone takes back what is set for all. @throws Error: which line, and why */
export function settingsFrom(text: string): RolloutSettings {
  const settings: RolloutSettings = {};
  for (const line of linesOf(text)) {
    const [spelling = '', ...rest] = line.split('=');
    const name = policyNameOf(spelling.trim());
    if (!name) throw new Error(`${spelling}: there is no such setting`);
    if (name in settings) throw new Error(`${name} is there twice`);
    if (rest.length === 0) settings[name] = null;
    else settings[name] = right(name, rest.join('='));
  }
  if (Object.keys(settings).length === 0) throw new Error('A variant needs a setting');
  return settings;
}

export function settingsText(settings: RolloutSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .join('\n');
}

/** `10` or `50 2027-01-31T08:00`, one a line: percent, and from when. @throws Error: which line */
export function stagesFrom(text: string): Rollout['Stages'] {
  const stages = linesOf(text).map((line) => {
    const [, percent, at] = /^(\d{1,3}(?:\.\d+)?) ?%?(?:\s+(\S+))?$/.exec(line) ?? [];
    const time = at === undefined ? undefined : Date.parse(at);
    if (percent === undefined || Number(percent) > 100 || Number.isNaN(time)) {
      throw new Error(
        `${line}: a stage is a percentage and, behind it, a time such as 2027-01-31T08:00`,
      );
    }
    return {
      Percent: Number(percent),
      ...(time !== undefined && { At: new Date(time).toISOString() }),
    };
  });
  if (stages.length === 0) throw new Error('A rollout needs a stage');
  return stages;
}

export function stagesText(stages: Rollout['Stages']): string {
  return stages
    .map(({ Percent, At }) => (At === undefined ? `${Percent}` : `${Percent} ${At}`))
    .join('\n');
}

function right(name: Parameters<typeof policySpec>[0], text: string): string | number {
  const checked = checkPolicyValue(policySpec(name), text);
  if ('reason' in checked) throw new Error(`${name}: ${checked.reason}`);
  const { value } = checked;
  return typeof value === 'object' ? hoursText(value) : value;
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
