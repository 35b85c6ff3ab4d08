import { sluiceError } from '@sluice/protocol';
import { Compile } from 'typebox/compile';
import { type Outage, type Scenario, ScenarioSchema, type SiteSpec } from './schema.ts';

const maxDevices = 20_000;
/** A site without a device is of no use. */
const maxSites = maxDevices;

/**
 * Reads a scenario.
 * @param text JSON @param name of the file, for the error
 * @throws ScenarioInvalid, with the place in the JSON and what is wrong there.
 */
export function parseScenario(text: string, name: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(name, (cause as Error).message, cause);
  }
  const validator = Compile(ScenarioSchema);
  if (!validator.Check(json)) throw invalid(name, reason(validator.Errors(json)));
  checkNames(json, name);
  return json;
}

function checkNames(scenario: Scenario, name: string): void {
  const sites = new Map(scenario.sites.map((s) => [s.name, s]));
  if (sites.size < scenario.sites.length) throw invalid(name, '/sites: two have the same name');
  checkSiteNames(sites, name);
  const count = scenario.sites.reduce((sum, s) => sum + (s.count ?? 1), 0);
  if (count > maxSites) throw invalid(name, `${count} sites, more than ${maxSites}`);
  let devices = 0;
  scenario.devices.forEach((d, i) => {
    const site = sites.get(d.site);
    if (!site) throw invalid(name, `/devices/${i}/site: there is no site ${d.site}`);
    if (d.group !== undefined && d.mode !== 'Group') {
      throw invalid(name, `/devices/${i}/group: only mode Group has one`);
    }
    devices += (d.count ?? 1) * (site.count ?? 1);
  });
  if (devices > maxDevices) throw invalid(name, `${devices} devices, more than ${maxDevices}`);
  checkOutages(scenario.source.down, '/source/down', name);
  checkOutages(scenario.cloud?.down, '/cloud/down', name);
  scenario.sites.forEach((s, i) => {
    checkOutages(s.cloudDown, `/sites/${i}/cloudDown`, name);
    checkOutages(s.cache?.down, `/sites/${i}/cache/down`, name);
  });
}

/** Reports call the sites of `office` `office-1`, `office-2` …: no other may have such a name. */
function checkSiteNames(sites: Map<string, SiteSpec>, name: string): void {
  [...sites.keys()].forEach((own, i) => {
    const [, of = '', k] = /^(.+)-([1-9]\d*)$/s.exec(own) ?? [];
    const site = sites.get(of);
    if (!site || Number(k) > (site.count ?? 1)) return;
    throw invalid(name, `/sites/${i}/name: ${own} is what number ${k} of ${of} is called`);
  });
}

function checkOutages(outages: Outage[] | undefined, where: string, name: string): void {
  outages?.forEach(({ from, to }, k) => {
    if (to !== undefined && to <= from) throw invalid(name, `${where}/${k}: ends before it begins`);
  });
}

/** The first that says where; the schema library tells of the whole object, too. */
function reason(errors: { instancePath: string; message: string }[]): string {
  const error = errors.find((e) => e.instancePath !== '') ?? errors[0];
  if (!error) return 'not as expected';
  const { instancePath, message } = error;
  // How it tells of a property that the schema does not name.
  const says = message === 'schema is false' ? 'is no property that a scenario has' : message;
  return `${instancePath || '/'} ${says}`;
}

function invalid(scenario: string, detail: string, cause?: unknown): Error {
  return sluiceError('ScenarioInvalid', { scenario, detail }, cause ? { cause } : undefined);
}
