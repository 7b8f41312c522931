"Make README.md from nbs/index.ipynb; with --check only say whether it is up to date"
import difflib, posixpath, re, sys
from pathlib import Path
import nbformat
from nbconvert import MarkdownExporter

root = Path(__file__).parents[1]

def relink(text):
    "Links written as seen from nbs/, as seen from the root"
    def sub(m):
        target = posixpath.normpath(f'nbs/{m[2]}')
        return m[1] + target if (root/target).exists() else m[0]
    return re.sub(r'(\]\(|(?:href|src)=")([^\s)"#:]+)', sub, text)

def convert():
    "The files that the index becomes, as bytes by path"
    nb = nbformat.read(root/'nbs'/'index.ipynb', 4)
    nb.metadata.language_info = {'name': 'python'}
    nb.cells = [c for c in nb.cells if c.cell_type != 'raw' and not re.search(r'^#\|\s*(hide|include:\s*false)\s*$', c.source, re.M)]
    for c in nb.cells:
        if c.cell_type == 'markdown': c.source = relink(c.source)
        if re.search(r'^#\|\s*(hide_input|echo:\s*false)\s*$', c.source, re.M): c.metadata.transient = {'remove_source': True}
        if c.cell_type == 'code': c.source = re.sub(r'^#\|.*\n', '', c.source, flags=re.M)
        for data in (o.data for o in c.get('outputs', []) if 'data' in o):
            data.update({k: relink(v) for k, v in data.items() if k in ('text/html', 'text/markdown')})
    text, resources = MarkdownExporter().from_notebook_node(nb, {'unique_key': 'readme', 'output_files_dir': 'images'})
    text = re.sub(r'\n([ \t]*\n){2,}', '\n\n', text).strip() + '\n'
    return {'README.md': text.encode(), **resources['outputs']}

made = convert()
stale = {name: new for name, new in made.items() if not (root/name).exists() or (root/name).read_bytes() != new}
gone = [p for p in (root/'images').glob('readme_*') if f'images/{p.name}' not in made]
if '--check' in sys.argv and (stale or gone):
    if 'README.md' in stale and (root/'README.md').exists():
        lines = [b.decode().splitlines() for b in ((root/'README.md').read_bytes(), stale['README.md'])]
        print(*difflib.unified_diff(*lines, 'README.md', 'made from nbs/index.ipynb', lineterm=''), sep='\n')
    sys.exit(f"not as nbs/index.ipynb makes it: {', '.join([*stale, *(f'images/{p.name}' for p in gone)])}. Mend with: python .ci/readme.py")
for p in gone: p.unlink()
for name, new in stale.items():
    (root/name).parent.mkdir(exist_ok=True)
    (root/name).write_bytes(new)
