"Build the package and check what is in it, and what its page on PyPI will say"
import re, subprocess, sys, tarfile, tempfile, zipfile
from configparser import ConfigParser
from email import message_from_bytes
from pathlib import Path

root = Path(__file__).parents[1]
ini = ConfigParser(delimiters='=')
ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
faults = []
def check(ok, what): ok or faults.append(what)
def tracked(*patterns):
    "Files of the repository, those not yet added too"
    found = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard', *patterns], cwd=root, text=True, capture_output=True, check=True)
    return set(found.stdout.split())

with tempfile.TemporaryDirectory() as d:
    copy = Path(d)/'copy'   # the build leaves nothing in the repository
    for name in tracked():
        if not (root/name).exists(): continue
        (copy/name).parent.mkdir(parents=True, exist_ok=True)
        (copy/name).write_bytes((root/name).read_bytes())
    built = subprocess.run([sys.executable, '-m', 'build', '--no-isolation', '--outdir', f'{d}/dist'], cwd=copy, text=True, capture_output=True)
    if built.returncode: sys.exit(built.stdout + built.stderr)
    [sdist],[wheel] = [sorted(Path(d, 'dist').glob(o)) for o in ('*.tar.gz', '*.whl')]
    with tarfile.open(sdist) as t: in_sdist = {n.partition('/')[2] for n in t.getnames()}
    with zipfile.ZipFile(wheel) as z:
        in_wheel = set(z.namelist())
        meta = message_from_bytes(z.read(next(n for n in in_wheel if n.endswith('.dist-info/METADATA'))))

wanted = tracked('nbs/*.ipynb', 'miniai', 'benchmarks', 'images') | {'settings.ini', 'constraints.txt', 'README.md', 'LICENSE', 'setup.py', 'pyproject.toml'}
check(not wanted - in_sdist, f'not in the sdist: {sorted(wanted - in_sdist)}')
check(not tracked('miniai') - in_wheel, f'not in the wheel: {sorted(tracked("miniai") - in_wheel)}')
check(meta['Version'] == cfg['version'], f"version {meta['Version']}, and settings.ini says {cfg['version']}")
check(meta.get_all('Classifier') == cfg['classifiers'].strip().split('\n'), 'the classifiers are not those of settings.ini')
check(meta['License-Expression'] == cfg['license'], f"license {meta['License-Expression']}")
check(any(o.endswith('https://github.com/{user}/{repo}'.format(**cfg)) for o in meta.get_all('Project-URL')), "pyproject.toml's Repository is another one than in settings.ini")
text = meta.get_payload() or meta['Description']
relative = re.findall(r'(?:\]\(|(?:href|src)=")(?!https?:|#|mailto:)[^\s)"]+', re.sub(r'^```.*?^```', '', text, flags=re.M | re.S))
check(not relative, f'links that lead nowhere on PyPI: {relative}')
base = 'https://(?:github.com/{user}/{repo}/blob|raw.githubusercontent.com/{user}/{repo})/{branch}/'.format(**cfg)
gone = [o for o in re.findall(base + r'([^\s)"#]+)', text) if not (root/o).exists()]
check(not gone, f'links to files that are not there: {gone}')
said = subprocess.run([sys.executable, '-c', 'import miniai; print(miniai.__version__)'], text=True, capture_output=True, cwd=root).stdout.strip()
check(said == cfg['version'], f"miniai.__version__ is {said}, and settings.ini says {cfg['version']}. Mend with: pip install -e .")

print(f'{len(in_sdist)} files in the sdist, {len(in_wheel)} in the wheel')
if faults: sys.exit('\n'.join(faults))
