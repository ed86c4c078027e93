// Builds the page into services/wall/dist: `node services/wall/build.ts`. File names carry a hash, so browsers keep them for ever.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;

/** @param dist folder to (re)write; @returns it */
export async function buildPage(dist: string = join(here, 'dist')): Promise<string> {
  const source = join(here, 'page', 'src');
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const { metafile } = await build({
    entryPoints: { wall: join(source, 'main.tsx'), style: join(source, 'style', 'index.css') },
    outdir: dist,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    metafile: true,
    logLevel: 'warning',
  });
  const built = Object.keys(metafile.outputs).map((path) => basename(path));
  const one = (extension: string): string => {
    const name = built.find((file) => file.endsWith(extension));
    if (name === undefined) throw new Error(`the build made no ${extension} file, got ${built.join(', ')}`);
    return name;
  };
  const html = await readFile(join(source, 'index.html'), 'utf8');
  await writeFile(join(dist, 'index.html'), html.replace('%CSS%', one('.css')).replace('%JS%', one('.js')));
  await copyFile(join(source, 'icon.svg'), join(dist, 'icon.svg'));
  return dist;
}

if (import.meta.main) await buildPage();
