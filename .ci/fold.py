"""Folded cells begin with the line that says what they hold, since Jupyter shows a folded cell's first line; in exported ones that
line has no colon: nbdev 2 would leave it in the module, nbdev 3 would not, and nbdev-docs puts it back for Quarto. With --check only say where."""
import json, re, sys
from pathlib import Path

fold = re.compile(r'^#\|\s*code-fold:?\s*(true.*)\n', re.M)
found = []
for path in sorted((Path(__file__).parents[1]/'nbs').glob('*.ipynb')):
    nb = json.loads(path.read_text(encoding='utf-8'))
    for i,c in enumerate(nb['cells']):
        src = ''.join(c['source'])
        if c['cell_type'] != 'code' or not (m := fold.search(src)): continue
        colon = '' if re.search(r'^#\|\s*exports?\b', src, re.M) else ':'
        new = f'#| code-fold{colon} {m[1]}\n' + fold.sub('', src, count=1)
        if new == src: continue
        found.append(f'{path.name}, cell {i}')
        c['source'] = new.splitlines(True)
    if '--check' not in sys.argv and any(f.startswith(path.name) for f in found):
        text = json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + '\n'
        path.write_text(text, encoding='utf-8', newline='\n')
if '--check' in sys.argv and found:
    sys.exit('\n'.join([*found, 'the line with code-fold is not as it should be. Mend with: python .ci/fold.py']))
