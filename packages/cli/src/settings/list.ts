import { defaultText, policyNames, policySpec, rangeText } from '@sluice/protocol/policy';
import { print, printJson } from '../terminal/print.ts';

/** `sluice policy list` */
export function listPolicies({ json }: { json?: boolean }): void {
  if (json) {
    printJson(policyNames.map((name) => ({ name, ...policySpec(name) })));
    return;
  }
  for (const name of policyNames) {
    const spec = policySpec(name);
    print(`${name} (${rangeText(spec)}, default ${defaultText(spec)})`);
    print(`    ${spec.about}`);
    if (spec.deprecated !== undefined) print(`    deprecated ${spec.deprecated}`);
    if (spec.state !== 'acts') print(`    not acted on yet: ${spec.note}`);
  }
}
