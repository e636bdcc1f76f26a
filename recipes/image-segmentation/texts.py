"""The texts of this recipe. (Danish, English)."""

from words import Texts

TEXTS: Texts = {
    "kicker": ("Billedsegmentering", "Image segmentation"),
    "title": ("Hvor mange er der, og hvor store er de?", "How many are there, and how large?"),
    "object-one": ("objekt", "object"),
    "object-many": ("objekter", "objects"),
    "image-one": ("billede", "image"),
    "image-many": ("billeder", "images"),
    # progress
    "doing-file": ("{n} af {of}: {file}", "{n} of {of}: {file}"),
    "doing-model": ("Henter modellen {model} ind på {device}", "Loading the model {model} on the {device}"),
    "no-gpu": (
        "Der er ingen GPU her, som modellen kan bruge. Den regner på CPU'en; det tager meget længere tid.",
        "There is no GPU here that the model can use. It computes on the CPU, which takes much longer.",
    ),
    "done": ("Færdig. Åbn output/report.html", "Done. Open output/report.html"),
    "file-failed": ("{file} kunne ikke bruges: {why}", "{file} could not be used: {why}"),
    "mask-failed": ("{file}: facit kunne ikke bruges: {why}", "{file}: the mask could not be used: {why}"),
    # reasons
    "stop-none": ("Ingen af billederne kunne bruges. {why}", "None of the images could be used. {why}"),
    "stop-only-masks": (
        "Der er kun masker (NAVN_mask) i input/; der skal også være billeder.",
        "There are only masks (NAME_mask) in input/; images are needed too.",
    ),
    "stop-model": (
        "Modellen {model} kan ikke hentes ind: {why}. Uden internet på stedet skal dens fil ligge der i forvejen, i "
        "mappen som CELLPOSE_LOCAL_MODELS_PATH angiver.",
        "The model {model} cannot be loaded: {why}. Without internet at the place its file must lie there beforehand, "
        "in the folder that CELLPOSE_LOCAL_MODELS_PATH names.",
    ),
    "why-empty": ("filen er tom", "the file is empty"),
    "why-not-read": ("billedet kan ikke læses ({why})", "the image cannot be read ({why})"),
    "why-shape": (
        "det er hverken et gråt eller et farvet billede ({shape}). Gem ét plan ad gangen",
        "it is neither a grey nor a colour image ({shape}). Save one plane at a time",
    ),
    "why-small": ("det er mindre end {n} pixels på en led", "it is smaller than {n} pixels a side"),
    "why-large": (
        "det er større end {n} millioner pixels. Klip det i stykker først",
        "it is larger than {n} million pixels. Cut it into pieces first",
    ),
    "why-mask-size": ("{file} har ikke samme størrelse som billedet", "{file} is not of the image's size"),
    # the conclusion
    "verdict": ("{n} i {i}.", "{n} in {i}."),
    "verdict-range": (
        "{n} i {i}; mellem {low} og {high}, når grænsen flyttes 10 %.",
        "{n} in {i}; between {low} and {high} when the threshold is moved by 10%.",
    ),
    "verdict-steady": (
        "{n} i {i}, også når grænsen flyttes 10 %.",
        "{n} in {i}, also when the threshold is moved by 10%.",
    ),
    "verdict-truth": (
        "{n} i {i}. Mod facit med {true}: F1 {f1}.",
        "{n} in {i}. Against the mask's {true}: F1 {f1}.",
    ),
    "lead-none": (
        "Intet skiller sig ud fra baggrunden. Se, om billedet er det rigtige, og om objekterne er lyse eller mørke "
        "(objects).",
        "Nothing stands out from the background. See whether it is the right image, and whether the objects are "
        "bright or dark (objects).",
    ),
    "lead-unknown": (
        "Uden et facit ved ingen, om det er rigtigt. Se billederne herunder igennem, og tegn et par af dem op i "
        "hånden: en fil NAVN_mask ved siden af billedet, så måler opskriften sig selv mod den.",
        "Without a mask nobody knows whether this is right. Look through the pictures below and draw a few by hand: a "
        "file NAME_mask beside the image, and the recipe measures itself against it.",
    ),
    "lead-good": (
        "Det er godt nok til at tælle og måle på billeder som disse. Det siger intet om billeder, der ser anderledes "
        "ud.",
        "That is good enough to count and measure in images like these. It says nothing about images that look "
        "different.",
    ),
    "lead-fair": (
        "Det er brugbart til grove tal. Se, hvor det går galt, før du sammenligner grupper.",
        "That is usable for rough figures. See where it goes wrong before you compare groups.",
    ),
    "lead-poor": (
        "Det er ikke godt nok. Prøv med diameter, threshold=local eller engine=cellpose.",
        "That is not good enough. Try diameter, threshold=local or engine=cellpose.",
    ),
    "tile-objects": ("objekter", "objects"),
    "tile-range": ("når grænsen flyttes 10 %", "when the threshold is moved by 10%"),
    "tile-area": ("areal, median", "area, median"),
    "tile-f1": ("F1 mod facit", "F1 against the masks"),
    "tile-images": ("billeder", "images"),
    # pictures
    "h-pictures": ("Det, der blev fundet", "What was found"),
    "alt-picture": ("{file} med omrids af {n} objekter", "{file} with the outlines of {n} objects"),
    "caption-picture": ("{file}: {n}.", "{file}: {n}."),
    "caption-range": (
        "Mellem {low} og {high}, når grænsen flyttes.",
        "Between {low} and {high} when the threshold is moved.",
    ),
    "caption-truth": ("Facit: {true}; F1 {f1}.", "Mask: {true}; F1 {f1}."),
    "legend-lines": (
        "Gult omrids: et helt objekt. Blåt: et, som kanten skærer; det er talt med, men dets areal er ikke.",
        "Yellow outline: a whole object. Blue: one that the border cuts; it is counted, but its area is not.",
    ),
    "more-images": (
        "{n} billeder mere er med i tabellerne; se dem i overlays/.",
        "{n} more images are in the tables; see them in overlays/.",
    ),
    "h-sizes": ("Størrelser", "Sizes"),
    "alt-sizes": ("Fordeling af objekternes areal", "Distribution of the objects' area"),
    "caption-sizes": (
        "Arealet af {n} objekter, som kanten ikke skærer. To toppe kan være to slags objekter, eller klumper, der ikke "
        "blev delt.",
        "The area of {n} objects that the border does not cut. Two peaks may be two kinds of object, or clumps that "
        "were not parted.",
    ),
    "median": ("median {value}", "median {value}"),
    "axis-um": ("areal, µm²", "area, µm²"),
    "axis-px": ("areal, pixels", "area, pixels"),
    # warnings
    "h-warnings": ("Det skal du vide om billederne", "What to know about the images"),
    "no-warnings": ("Intet i billederne tyder på problemer.", "Nothing in the images suggests problems."),
    "warn-none": ("intet skiller sig ud fra baggrunden.", "nothing stands out from the background."),
    "warn-crowded": (
        "{share} af billedet er objekter. Er lyse og mørke byttet om (objects), eller er der for tæt til at tælle?",
        "{share} of the image is objects. Are bright and dark swapped (objects), or is it too crowded to count?",
    ),
    "warn-unstable": (
        "antallet hænger på grænsen: {low} til {high}, når den flyttes 10 %.",
        "the count hangs on the threshold: {low} to {high} when it is moved by 10%.",
    ),
    "warn-saturated": (
        "{share} af pixlene er mættede. Deres lysstyrke kan ikke måles; sænk eksponeringen næste gang.",
        "{share} of the pixels are saturated. Their brightness cannot be measured; lower the exposure next time.",
    ),
    "warn-uneven": (
        "lyset er ujævnt: baggrunden svinger {share} af objekternes eget signal. Det er rettet før grænsen, men mean "
        "i tabellen er ikke.",
        "the light is uneven: the background varies by {share} of the objects' own signal. It was corrected before "
        "the threshold, but mean in the table is not.",
    ),
    "warn-blurred": (
        "kanterne er {px} pixels brede: uskarpt. Arealer afhænger da meget af grænsen.",
        "edges are {px} pixels wide: out of focus. Areas then depend much on the threshold.",
    ),
    "warn-border": (
        "{share} af objekterne skæres af kanten. De er talt, men deres størrelse er udeladt.",
        "{share} of the objects are cut by the border. They are counted, but their size is left out.",
    ),
    "warn-merged": (
        "{share} af objekterne er takkede, som flere i ét. Prøv diameter med et objekts bredde i pixels.",
        "{share} of the objects are ragged, like several in one. Try diameter with an object's width in pixels.",
    ),
    "warn-planes": (
        "filen har {n} planer; kun det første er brugt.",
        "the file has {n} planes; only the first was used.",
    ),
    # tables
    "h-truth": ("Mod facit", "Against the masks"),
    "truth-lead": (
        "F1 tæller objekter: et fundet objekt er rigtigt, når det dækker mindst halvdelen af det samme areal som et i "
        "facit (IoU over 0,5). Dice tæller pixels. Klumper er flere i facit, der blev fundet som ét; delt er ét, der "
        "blev fundet som flere.",
        "F1 counts objects: a found object is right when it shares more than half of its area with one in the mask "
        "(IoU above 0.5). Dice counts pixels. Clumps are several in the mask found as one; parted is one found as "
        "several.",
    ),
    "h-table": ("Billede for billede", "Image by image"),
    "col-file": ("Fil", "File"),
    "col-size": ("Pixels", "Pixels"),
    "col-objects": ("Objekter", "Objects"),
    "col-range": ("Spænd", "Range"),
    "col-border": ("På kanten", "On border"),
    "col-area": ("Areal (px)", "Area (px)"),
    "col-covered": ("Dækket", "Covered"),
    "col-true": ("Facit", "Mask"),
    "col-found": ("Fundet", "Found"),
    "col-matched": ("Rigtige", "Right"),
    "col-f1": ("F1", "F1"),
    "col-dice": ("Dice", "Dice"),
    "col-merged": ("Klumper", "Clumps"),
    "col-parted": ("Delt", "Parted"),
    # method
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-background": (
        "Billedet er udglattet lidt, og lysets langsomme ændring hen over det er trukket fra.",
        "The image was smoothed a little, and the slow change of the light across it was subtracted.",
    ),
    "method-otsu": (
        "Grænsen mellem objekt og baggrund er Otsus: den, der gør de to sider mest ensartede hver for sig.",
        "The threshold between object and background is Otsu's: the one that makes both sides most uniform.",
    ),
    "method-local": (
        "Grænsen mellem objekt og baggrund følger billedet: et gennemsnit af omgivelserne.",
        "The threshold between object and background follows the image: a mean of the surroundings.",
    ),
    "method-split": (
        "Objekter, der rører hinanden, er delt, hvor de er smalle (watershed på afstanden til kanten).",
        "Objects that touch were parted where they are narrow (watershed on the distance to the edge).",
    ),
    "method-no-split": ("Objekter, der rører hinanden, er talt som ét.", "Objects that touch were counted as one."),
    "method-range": (
        "Spændet er det, man får, når grænsen flyttes 10 % op og ned. Det viser, hvor meget der hænger på den, ikke "
        "hvor rigtigt tallet er.",
        "The range is what one gets when the threshold is moved by 10% up and down. It shows how much hangs on it, not "
        "how right the count is.",
    ),
    "method-cellpose": (
        "Objekterne er fundet af Cellposes netværk, som er trænet på mange slags celler. Lysstyrker er målt på det "
        "oprindelige billede.",
        "The objects were found by Cellpose's network, trained on many kinds of cells. Brightness was measured in the "
        "original image.",
    ),
    "method-measures": (
        "signal i objects.csv er lysstyrken over baggrundens median. roundness er 1 for en cirkel; solidity er lav, "
        "hvor flere hænger sammen.",
        "signal in objects.csv is the brightness above the background's median. roundness is 1 for a circle; solidity "
        "is low where several hang together.",
    ),
    "method-small": (
        "Objekter under {n} pixels er udeladt (smallest).",
        "Objects below {n} pixels are left out (smallest).",
    ),
    "h-next": ("Næste skridt", "Next steps"),
    "next-mask": (
        "Tegn 3–5 billeder op i hånden, for eksempel i Fiji eller napari, og gem dem som NAVN_mask.tif.",
        "Draw 3–5 images by hand, for example in Fiji or napari, and save them as NAME_mask.tif.",
    ),
    "next-ok": (
        "Hold nogle opmærkede billeder tilbage, som du ikke har valgt indstillinger efter, og mål på dem til sidst.",
        "Keep back some drawn images that you did not choose settings by, and measure on them at the end.",
    ),
    "next-look": ("Se alle billeder i overlays/ igennem.", "Look through all pictures in overlays/."),
    "next-same": (
        "Brug de samme indstillinger til alle grupper, du vil sammenligne; results.json har dem.",
        "Use the same settings for all groups that you want to compare; results.json has them.",
    ),
    "next-cellpose": (
        "Er det svære billeder, så prøv engine=cellpose på et sted med GPU.",
        "If the images are hard, try engine=cellpose at a place with a GPU.",
    ),
    "made": (
        "Lavet {when} med dkai-opskriften image-segmentation {version}, Python {python}. Siden henter intet fra "
        "nettet.",
        "Made {when} with the dkai recipe image-segmentation {version}, Python {python}. The page fetches nothing from "
        "the network.",
    ),
}  # fmt: skip
