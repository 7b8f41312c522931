"""Save the pictures in notebooks with few colours, a third of the size: python .ci/pictures.py nbs/02_iterators.ipynb ...
What is small already, or would look different, is left as it is."""
import io, re, sys
from base64 import b64decode, b64encode
from pathlib import Path
from PIL import Image, ImageChops

def smaller(b):
    "The same picture in fewer bytes, or `b`"
    im = Image.open(io.BytesIO(b))
    if im.mode == 'P': return b
    rgb = Image.alpha_composite(Image.new('RGBA', im.size, 'white'), im.convert('RGBA')).convert('RGB')
    for colours in (32, 64, 128, 256):
        few = rgb.quantize(colours)
        worst = max(hi for _,hi in ImageChops.difference(rgb, few.convert('RGB')).getextrema())
        if worst > 40: continue
        f = io.BytesIO()
        few.save(f, 'png', optimize=True)
        return min(b, f.getvalue(), key=len)
    return b

for path in map(Path, sys.argv[1:]):
    text = path.read_text(encoding='utf-8')
    new = re.sub(r'("image/png": ")([A-Za-z0-9+/=]+)', lambda m: m[1] + b64encode(smaller(b64decode(m[2]))).decode(), text)
    print(f'{path}: {len(text)/1024:.0f} KB, now {len(new)/1024:.0f}')
    path.write_text(new, encoding='utf-8', newline='\n')
