// The licenses of the packages whose modules were put into a bundle: whoever ships a copy of them ships these texts with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param modules Paths of modules; those outside of node_modules are the project's own. */
export function licensesOf(modules) {
  const folders = new Set(modules.map((path) => PACKAGE.exec(path)?.[0]).filter((folder) => folder !== undefined));
  return [...folders]
    .sort()
    .map(licenseOf)
    .join(`\n${'-'.repeat(79)}\n\n`);
}

/** The folder of the package that a module is in; scoped packages have two parts. */
const PACKAGE = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/;

function licenseOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} ${version} has no license file: it cannot be put into the bundle`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
